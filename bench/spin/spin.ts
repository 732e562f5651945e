import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '../../src/core/index.js';
import { packageRoot } from '../../src/root.js';
import { timed } from '../measure.js';
import { definesOf, type SpinCase } from './cases.js';
import { readPan, type PanReport } from './pan.js';
import type { Tools } from './tools.js';

const exec = promisify(execFile);

/** How Spin searches: every interleaving, or as it comes. */
export type Reduction = 'unreduced' | 'reduced';

/** How a verifier is made. */
export interface Making {
  readonly reduction: Reduction;
  /** Further definitions for the Promela file, such as a mutation. */
  readonly defines?: readonly string[];
  /** gcc's optimization; -O2 unless the C compiler's time is all that matters. */
  readonly optimization?: '-O0' | '-O2';
}

/** How one verifier was made and what it found. */
export interface SpinRun extends PanReport {
  /** Promela to C, and C to a program. */
  readonly generateSeconds: number;
  readonly compileSeconds: number;
  /** The program from start to end, by our clock, and the processor time it took. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** More than any case needs; a search that gets there is reported as incomplete. */
const MAX_DEPTH = 200_000;

/**
 * Unreduced, Spin must count as we do: an outcome that nobody reads and an
 * observation that is dead are part of a state, and every step is one of its own.
 */
const OPTIONS: Readonly<Record<Reduction, readonly string[]>> = {
  unreduced: ['-o1', '-o2', '-o3'],
  reduced: [],
};

/**
 * Makes a verifier of a case and runs it. @throws InputError when that fails; what
 * the verifier found, errors included, is in the result.
 */
export async function runSpin(tools: Tools, subject: SpinCase, making: Making): Promise<SpinRun> {
  const folder = await mkdtemp(join(tmpdir(), 'gmemcheck-spin-'));
  try {
    const generated = await timed(() => generate(tools, subject, making, folder));
    const compiled = await timed(() => compile(tools, subject, making, folder));
    const found = await timed(() => verify(subject, folder));
    return {
      ...found.result,
      generateSeconds: generated.seconds,
      compileSeconds: compiled.seconds,
      wallSeconds: found.seconds,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes pan.c and its parts into the folder. */
async function generate(
  { spin }: Tools,
  subject: SpinCase,
  { reduction, defines = [] }: Making,
  folder: string,
): Promise<void> {
  // The models come along: Spin hands its path to a shell, unquoted.
  await cp(join(packageRoot, 'bench', 'spin'), folder, { recursive: true });
  const { model } = subject.family;
  const args = [...OPTIONS[reduction], ...definesOf(subject), ...defines, '-a', model];
  await command(spin.command, args, folder);
}

async function compile(
  { cc }: Tools,
  { states }: SpinCase,
  { reduction, optimization = '-O2' }: Making,
  folder: string,
): Promise<void> {
  const megabytes = 512 + Math.ceil((states * 256) / 2 ** 20);
  const flags = [optimization, '-w', '-DSAFETY', `-DMEMLIM=${megabytes}`];
  if (reduction === 'unreduced') flags.push('-DNOREDUCE');
  await command(cc.command, [...flags, '-o', 'pan', 'pan.c'], folder);
}

/** Runs the verifier, its hash table as large as the states are many. */
async function verify(
  { name, states }: SpinCase,
  folder: string,
): Promise<PanReport & Pick<SpinRun, 'cpuSeconds'>> {
  const bits = Math.max(16, Math.ceil(Math.log2(states)));
  // The shell says what its children took; Node does not.
  const script = `./pan -n -m${MAX_DEPTH} -w${bits}; times`;
  const output = await command('sh', ['-c', script], folder);
  const report = readPan(output);
  if (!report) throw new InputError(`${name}: what pan printed is not the report of a search`);
  return { ...report, cpuSeconds: childrenSeconds(output) };
}

/** The last line of `times`: user and system time of the shell's children. */
function childrenSeconds(output: string): number {
  const times = output.trimEnd().split('\n').at(-1)!;
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

/** What a program printed. @throws InputError with its first complaint. */
async function command(program: string, args: readonly string[], folder: string): Promise<string> {
  try {
    return (await exec(program, [...args], { cwd: folder, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & Record<string, string>;
    const said = `${stderr}${stdout}`.split('\n').find((line) => line.trim() !== '');
    throw new InputError(`${program} failed: ${said ?? message}`);
  }
}
