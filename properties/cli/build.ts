import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';
import type { runCommandLine } from '../../src/cli/program.js';
import { gather, type Ran } from './run.js';

const require = createRequire(import.meta.url);

/** Seconds that a build takes at most. */
const PATIENCE = 120;

/**
 * A build of the sources as they are now: run from sources, there are no threads.
 * The first who asks makes it, for all files of this run of the tests; the others
 * wait for it.
 * @returns the folder that `dist` is in
 */
function build(): string {
  const folder = inject('buildFolder');
  const done = join(folder, 'done');
  if (isFirst(join(folder, 'claimed'))) {
    const tsc = require.resolve('typescript/bin/tsc');
    const fast = ['--noCheck', '--declaration', 'false', '--outDir', join(folder, 'dist')];
    execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...fast]);
    cpSync('package.json', join(folder, 'package.json'));
    for (const name of ['node_modules', 'models', 'src'])
      symlinkSync(resolve(name), join(folder, name));
    writeFileSync(done, '');
  }
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let left = PATIENCE * 20; !existsSync(done); left--) {
    if (left === 0) throw new Error('the file that builds the sources has failed to');
    Atomics.wait(nap, 0, 0, 50);
  }
  return folder;
}

function isFirst(claim: string): boolean {
  try {
    mkdirSync(claim);
    return true;
  } catch {
    return false;
  }
}

/** What node is to run, for a process of its own. */
export const builtProgram = (): string => join(build(), 'dist', 'src', 'cli', 'main.js');

/** Runs a command line on the build, in this process: with threads, unlike `gmemcheck()`. */
export async function gmemcheckBuilt(...args: string[]): Promise<Ran> {
  const path = join(build(), 'dist', 'src', 'cli', 'program.js');
  const program = (await import(path)) as { runCommandLine: typeof runCommandLine };
  return gather(program.runCommandLine, args);
}
