import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that was found, and what it says of its version. */
export interface Tool {
  readonly command: string;
  readonly version: string;
}

/** What it takes to run Spin: its compiler writes C. The time is taken by bash. */
export interface Tools {
  readonly spin: Tool;
  readonly cc: Tool;
}

/** What to say where something is missing. */
export const INSTALL =
  'comparing with Spin needs the programs spin, gcc and bash, of which one is missing ' +
  "(Debian, Ubuntu: 'apt-get install spin gcc'; others: https://spinroot.com)";

/** Spin and a C compiler, if all it takes is installed. */
export async function findTools(): Promise<Tools | undefined> {
  const spin = await versionOf('spin', '-V');
  const cc = (await versionOf('gcc', '--version')) ?? (await versionOf('cc', '--version'));
  const shell = await versionOf('bash', '--version');
  return spin && cc && shell && { spin, cc };
}

async function versionOf(command: string, flag: string): Promise<Tool | undefined> {
  try {
    const { stdout } = await run(command, [flag]);
    return { command, version: stdout.split('\n')[0]!.trim() };
  } catch {
    return undefined;
  }
}
