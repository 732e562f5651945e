import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line on the sources, in this process. */
export const gmemcheck = (...args: string[]): Promise<Ran> => gather(runCommandLine, args);

/** Runs a command line and keeps what it says. */
export async function gather(run: typeof runCommandLine, args: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const status = await run(
    args,
    (text) => void (out += text),
    (text) => void (err += text),
  );
  return { status, out, err };
}

/**
 * Bad input: status 2, one line that says what, nothing on standard output. Below
 * it the place, where that is in a litmus file.
 */
export async function refused(args: readonly string[], message: string | RegExp): Promise<void> {
  const { status, out, err } = await gmemcheck(...args);
  const lines = err.trimEnd().split('\n');
  const isPlace = lines.length === 3 && /:\d+:\d+: /.test(lines[0]!) && /^ +\^$/.test(lines[2]!);
  expect({ status, out, isOne: lines.length === 1 || isPlace }, err).toEqual({
    status: 2,
    out: '',
    isOne: true,
  });
  expect(err).toMatch(/^gmemcheck: /);
  expect(err).not.toMatch(/internal error|^ +at |\bundefined\b(?! \(reading)/m);
  expect(err).toMatch(message);
}

/** A file that is gone when the test ends. */
export function tempFile(name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A small litmus file: one guest write against one punch. */
export function litmus(
  more = 'expect 6.12: holds',
  initial = 'memory=snp; attr[0]=private;',
): string {
  return tempFile(
    'question.litmus',
    `gmem question
"A question"
{ ${initial} }
 vcpu0          | host                        ;
 run: write 0 1 | fallocate(PUNCH_HOLE, 0, 1) ;
${more}
`,
  );
}
