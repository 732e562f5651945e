import { InputError } from '../core/errors.js';
import { earlyAnswer } from './answered.js';
import type { Answer, Job } from './job.js';
import type { Performer, Pool } from './pool.js';
import type { Drawing, Slice } from './sampled.js';
import type { OnStatus } from './status.js';

/** Slices for each thread: enough that none waits long for the others at the end. */
const SLICES = 16;

/** Runs that are worth the way to another thread. */
const SMALLEST = 256;

/** Threads that so many runs are enough for, at most. */
export const slicesOf = (runs: number): number => Math.ceil(runs / SMALLEST);

/**
 * A sampled job on several threads. They take slices of its runs in order; the
 * first run that breaks something is known once the slices before it are done.
 * What was drawn beyond it does not count, so the answer is that of one thread.
 * @throws InputError as the job does
 */
export async function answerSplit(
  job: Job,
  threads: number,
  pool: Pick<Pool, 'use'>,
  onStart: () => void,
  onStatus: OnStatus,
): Promise<Answer> {
  const early = earlyAnswer(job);
  if (early) return early;
  const split = new Split(job, threads, onStatus);
  const lanes = Array.from({ length: threads }, (_, i) =>
    pool.use((thread) => {
      if (i === 0) onStart();
      return split.draw(thread);
    }),
  );
  try {
    await Promise.all(lanes);
  } catch (error) {
    if (!job.maySkip || !(error instanceof InputError)) throw error;
    return pool.use((thread) => thread.perform<Answer>({ answer: job }, onStatus));
  }
  return pool.use((thread) =>
    thread.perform<Answer>({ conclude: job, drawings: split.drawings }, onStatus),
  );
}

let keys = 0;

class Split {
  /** What matters of what was drawn: complete slices, and the first that is not. */
  private readonly done: (Drawing | undefined)[] = [];
  private readonly key = keys++;
  private readonly size: number;
  private readonly count: number;
  private readonly last = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  private readonly drawn: number[] = [];
  private next = 0;

  constructor(
    private readonly job: Job,
    threads: number,
    private readonly onStatus: OnStatus,
  ) {
    const { runs } = job.options;
    this.size = Math.max(SMALLEST, Math.ceil(runs / (threads * SLICES)));
    this.count = Math.ceil(runs / this.size);
    this.last[0] = this.count - 1;
  }

  /** Draws slices on one thread until there are none that matter. */
  async draw(thread: Performer): Promise<void> {
    while (this.next <= Atomics.load(this.last, 0)) {
      const slice = this.slice(this.next++);
      const drawing = await thread.perform<Drawing>({ draw: slice }, (status) => {
        if ('drawn' in status) this.tell(slice.index, status.drawn);
      });
      this.add(slice, drawing);
    }
  }

  /** Slices in their order, up to the one that ends it. */
  get drawings(): Drawing[] {
    return this.done.slice(0, Atomics.load(this.last, 0) + 1).map((drawing) => drawing!);
  }

  private slice(index: number): Slice {
    const { job, key, size, last } = this;
    const first = index * size;
    const runs = Math.min(size, job.options.runs - first);
    return { job, key, index, first, runs, last };
  }

  private add({ index, runs }: Slice, drawing: Drawing): void {
    const { drawn } = drawing;
    this.done[index] = drawing;
    this.tell(index, drawn.runs);
    const isLast = drawn.found !== undefined || drawn.runs < runs;
    if (isLast && index < this.last[0]!) Atomics.store(this.last, 0, index);
  }

  private tell(index: number, runs: number): void {
    this.drawn[index] = runs;
    this.onStatus({ drawn: this.drawn.reduce((a, b) => a + b, 0) });
  }
}
