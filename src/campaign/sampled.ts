import { readTest, type LitmusTest } from '../../models/language/index.js';
import type { Learnt } from '../check/learnt.js';
import { seenNestings } from '../check/lockorder.js';
import type { Named } from '../check/named.js';
import { findProtocol } from '../check/protocols.js';
import { SampledCheck } from '../check/sampled.js';
import { sampledBy } from '../check/sampling.js';
import { join, type Drawn } from '../explore/sampling/drawn.js';
import { answered, callsIn, type FoundOut } from './answered.js';
import { isInterrupted, type Answer, type Job } from './job.js';
import { Reporter, type OnStatus } from './status.js';

/** Some of the runs that a job asks for. */
export interface Slice {
  readonly job: Job;
  /** Names the job among all: a thread goes on with the tables of earlier slices. */
  readonly key: number;
  /** Place of this slice in the order of all. */
  readonly index: number;
  readonly first: number;
  readonly runs: number;
  /** Shared by all threads: slices beyond this one cannot matter any more. */
  readonly last: Int32Array;
}

/** What came of a slice. */
export interface Drawing {
  readonly drawn: Drawn;
  /** What this thread has learnt of the job until now. */
  readonly learnt: Learnt;
}

export const isSampled = ({ options }: Job): boolean => sampledBy(options) !== undefined;

/** All runs of a job, on this thread. */
export function drawAll(test: LitmusTest, named: Named, job: Job, onStatus: OnStatus): FoundOut {
  const check = new SampledCheck(test, named, job.options);
  const drawn = check.draw(
    0,
    job.options.runs,
    pace(job, 0, onStatus, () => true),
  );
  const calls = callsIn(check.machine, test, named, job);
  return { ...foundOut(check, test, drawn, [check.learnt]), calls };
}

/** The check that this thread draws for, and its key. */
let current: { readonly key: number; readonly check: SampledCheck } | undefined;

/** @throws InputError if the protocol cannot run the test */
export async function drawSlice(slice: Slice, onStatus: OnStatus): Promise<Drawing> {
  const { job, key, index, first, runs, last } = slice;
  if (current?.key !== key) {
    const named = await findProtocol(job.protocol);
    const test = readTest(job.text, job.file, named.protocol.own);
    current = { key, check: new SampledCheck(test, named, job.options) };
  }
  const { check } = current;
  const matters = (): boolean => index <= Atomics.load(last, 0);
  const drawn = check.draw(first, runs, pace(job, first, onStatus, matters));
  return { drawn, learnt: check.learnt };
}

/** The answer from all slices that matter, in their order. */
export function conclude(job: Job, drawings: readonly Drawing[]): Promise<Answer> {
  return answered(job, (test, named) => {
    const check = new SampledCheck(test, named, job.options);
    const drawn = drawings.map((d) => d.drawn).reduce(join);
    const learnt = drawings.map((d) => d.learnt);
    return { ...foundOut(check, test, drawn, learnt), calls: undefined };
  });
}

function foundOut(
  check: SampledCheck,
  test: LitmusTest,
  drawn: Drawn,
  learnt: readonly Learnt[],
): Pick<FoundOut, 'checked' | 'nestings'> {
  const nestings = seenNestings(check.unionOf(learnt), test);
  return { checked: check.conclude(drawn), nestings };
}

/** Runs between two looks at the world outside. */
const LOOK_EVERY = 64;

/** Tells how far drawing has come, now and then, and whether it is to go on. */
function pace(
  job: Job,
  first: number,
  onStatus: OnStatus,
  matters: () => boolean,
): (run: number) => boolean {
  const reporter = new Reporter(onStatus);
  return (run) => {
    if ((run - first) % LOOK_EVERY !== 0) return true;
    reporter.tell(() => ({ drawn: run - first }));
    return matters() && !isInterrupted(job);
  };
}
