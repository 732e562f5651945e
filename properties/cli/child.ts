import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { Ran } from './run.js';

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
