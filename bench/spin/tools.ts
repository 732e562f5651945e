import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError } from '../../src/core/index.js';

const run = promisify(execFile);

/** A program that was found, and what it says of its version. */
export interface Tool {
  readonly command: string;
  readonly version: string;
}

/** What it takes to run Spin: its compiler writes C. */
export interface Tools {
  readonly spin: Tool;
  readonly cc: Tool;
}

/** Spin and a C compiler, if both are installed. */
export async function findTools(): Promise<Tools | undefined> {
  const spin = await versionOf('spin', '-V');
  const cc = (await versionOf('gcc', '--version')) ?? (await versionOf('cc', '--version'));
  return spin && cc && { spin, cc };
}

/** Spin and a C compiler. @throws InputError that says what to install. */
export async function requireTools(): Promise<Tools> {
  const tools = await findTools();
  if (tools) return tools;
  throw new InputError(
    'comparing with Spin needs the programs spin and gcc, of which one is missing ' +
      "(Debian, Ubuntu: 'apt-get install spin gcc'; others: https://spinroot.com)",
  );
}

async function versionOf(command: string, flag: string): Promise<Tool | undefined> {
  try {
    const { stdout } = await run(command, [flag]);
    return { command, version: stdout.split('\n')[0]!.trim() };
  } catch {
    return undefined;
  }
}
