import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Ran } from './run.js';

const require = createRequire(import.meta.url);

/** The program in a process of its own. */
export interface Child {
  readonly process: ChildProcess;
  /** What it has said so far. */
  readonly said: { readonly out: string; readonly err: string };
  readonly ran: Promise<Ran & { readonly signal: NodeJS.Signals | null }>;
}

/** @param program what node is to run: the sources, or a build */
export function start(program: readonly string[], ...args: string[]): Child {
  const child = spawn(process.execPath, [...program, ...args]);
  const texts = { out: '', err: '' };
  child.stdout.on('data', (data) => void (texts.out += data));
  child.stderr.on('data', (data) => void (texts.err += data));
  return {
    process: child,
    said: texts,
    ran: new Promise((done) => {
      child.on('close', (code, signal) => done({ ...texts, status: code ?? -1, signal }));
    }),
  };
}

/**
 * A build of the sources as they are now: run from sources, there are no threads.
 * @returns the program, and what removes it
 */
export function build(): { program: readonly string[]; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  const tsc = require.resolve('typescript/bin/tsc');
  const fast = ['--noCheck', '--declaration', 'false', '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...fast]);
  cpSync('package.json', join(folder, 'package.json'));
  for (const name of ['node_modules', 'models', 'src'])
    symlinkSync(resolve(name), join(folder, name));
  return {
    program: [join(folder, 'dist', 'src', 'cli', 'main.js')],
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean, seconds = 60): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${holds}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** The names in a folder; none where there is no folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
