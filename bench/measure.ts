import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Several measurements of one quantity. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median and extremes. The median of an even number is the mean of its middle two. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1]!;
  const high = sorted[Math.floor(middle)]!;
  return { median: (low + high) / 2, min: sorted[0]!, max: sorted.at(-1)! };
}

export const median = (values: readonly number[]): number => spread(values).median;

/** The mean for ratios. NaN for none. */
export function geometricMean(values: readonly number[]): number {
  const logs = values.map((v) => Math.log(v));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / values.length);
}

/** What something cost. */
export interface Cost {
  /**
   * Processor time, user and system, of all threads: the JIT compiler's and the
   * garbage collector's count. On one core and a quiet machine it is what the
   * clock says; on a busy machine it still is.
   */
  readonly seconds: number;
  /** By the clock. */
  readonly wallSeconds: number;
}

/** What `run` costs in this process, with what it gives. */
export async function timed<T>(run: () => T | Promise<T>): Promise<Cost & { result: Awaited<T> }> {
  const before = process.cpuUsage();
  const begin = performance.now();
  const result = await run();
  const wallSeconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, wallSeconds, result };
}

/** What the measurement before has left behind is not to be paid for by the next. */
export function collectGarbage(): void {
  collect ??= exposeCollector();
  collect();
}
let collect: (() => void) | undefined;

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
