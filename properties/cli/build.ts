import { join } from 'node:path';
import { inject } from 'vitest';
import type { runCommandLine } from '../../src/cli/program.js';
import { gather, type Ran } from './run.js';

const built = (name: string): string => join(inject('buildFolder'), 'src', 'cli', name);

/** What node is to run, for a process of its own. */
export const builtProgram = (): string => built('main.js');

/** Runs a command line on the build, in this process: with threads, unlike `gmemcheck()`. */
export async function gmemcheckBuilt(...args: string[]): Promise<Ran> {
  const program = (await import(built('program.js'))) as {
    runCommandLine: typeof runCommandLine;
  };
  return gather(program.runCommandLine, args);
}
