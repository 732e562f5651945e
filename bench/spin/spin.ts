import { cp, mkdtemp, rm } from 'node:fs/promises';
import { totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/core/index.js';
import { packageRoot } from '../../src/root.js';
import { definesOf, type SpinCase } from './cases.js';
import { command } from './command.js';
import { readPan, type PanReport } from './pan.js';
import type { Tools } from './tools.js';

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

/** What a verifier found, and what that took: the program from start to end. */
export interface SpinRun extends PanReport {
  readonly seconds: number;
  readonly wallSeconds: number;
  /** Its hash table has 2^hashBits places. */
  readonly hashBits: number;
}

/** More than any case needs; a search that gets there is reported as incomplete. */
const MAX_DEPTH = 500_000;

/** Of the machine's memory, where nobody knows how many states there are. */
const SHARE = 0.6;
const UNKNOWN_BITS = 27;
const MEGABYTE = 2 ** 20;

/**
 * Unreduced, Spin must count as we do: an outcome that nobody reads and an
 * observation that is dead are part of a state, and every step is one of its own.
 */
const OPTIONS: Readonly<Record<Reduction, readonly string[]>> = {
  unreduced: ['-o1', '-o2', '-o3'],
  reduced: [],
};

/** The verifier that Spin and gcc make of a case. It must be removed after use. */
export class Verifier {
  private constructor(
    private readonly subject: SpinCase,
    private readonly folder: string,
    /** Processor time: Promela to C, and C to a program. */
    readonly makingSeconds: number,
  ) {}

  /** @throws InputError when it cannot be made. */
  static async make(tools: Tools, subject: SpinCase, making: Making): Promise<Verifier> {
    const folder = await mkdtemp(join(tmpdir(), 'gmemcheck-spin-'));
    try {
      // The models come along: Spin hands its path to a shell, unquoted.
      await cp(join(packageRoot, 'bench', 'spin'), folder, { recursive: true });
      const generated = await command(tools.spin.command, generate(subject, making), folder);
      const compiled = await command(tools.cc.command, compile(subject, making), folder);
      return new Verifier(subject, folder, generated.seconds + compiled.seconds);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Runs it; errors that it finds are in the result. The hash table has more than twice
   * the places that states need: a smaller one is slower.
   */
  async run(): Promise<SpinRun> {
    const { name, states } = this.subject;
    const hashBits = states === undefined ? UNKNOWN_BITS : hashBitsFor(states) + 1;
    const args = ['-n', `-m${MAX_DEPTH}`, `-w${hashBits}`];
    const { stdout, seconds, wallSeconds } = await command('./pan', args, this.folder);
    const report = readPan(stdout);
    if (!report) throw new InputError(`${name}: what pan printed is not the report of a search`);
    return { ...report, seconds, wallSeconds, hashBits };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Makes a verifier of a case and runs it once. @throws InputError when that fails. */
export async function runSpin(tools: Tools, subject: SpinCase, making: Making): Promise<SpinRun> {
  const verifier = await Verifier.make(tools, subject, making);
  try {
    return await verifier.run();
  } finally {
    await verifier.remove();
  }
}

/** The smallest hash table that fits: one place a state. */
export const hashBitsFor = (states: number): number => Math.max(16, Math.ceil(Math.log2(states)));

function generate(subject: SpinCase, { reduction, defines = [] }: Making): string[] {
  return [...OPTIONS[reduction], ...definesOf(subject), ...defines, '-a', subject.family.model];
}

function compile({ states }: SpinCase, { reduction, optimization = '-O2' }: Making): string[] {
  const bytes = states === undefined ? totalmem() * SHARE : 512 * MEGABYTE + states * 256;
  const flags = [optimization, '-w', '-DSAFETY', `-DMEMLIM=${Math.ceil(bytes / MEGABYTE)}`];
  if (reduction === 'unreduced') flags.push('-DNOREDUCE');
  return [...flags, '-o', 'pan', 'pan.c'];
}
