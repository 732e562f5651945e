import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError } from '../../src/core/index.js';

const exec = promisify(execFile);

/** What a program printed, and what it took. */
export interface Ran {
  readonly stdout: string;
  /** Processor time, user and system. */
  readonly seconds: number;
  readonly wallSeconds: number;
}

/** The shell knows what its children took; Node does not. */
const SCRIPT = `TIMEFORMAT='%3U %3S %3R'; time "$@"`;

/** Runs a program in a folder. @throws InputError with its first complaint. */
export async function command(
  program: string,
  args: readonly string[],
  folder: string,
): Promise<Ran> {
  try {
    const options = { cwd: folder, maxBuffer: 2 ** 26 };
    const { stdout, stderr } = await exec(
      'bash',
      ['-c', SCRIPT, program, program, ...args],
      options,
    );
    const [user, system, real] = stderr.trimEnd().split('\n').at(-1)!.split(' ').map(Number);
    return { stdout, seconds: user! + system!, wallSeconds: real! };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & Record<string, string>;
    const said = `${stderr}${stdout}`.split('\n').find((line) => line.trim() !== '');
    throw new InputError(`${program} failed: ${said ?? message}`);
  }
}
