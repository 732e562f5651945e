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

/** Seconds that `run` takes, with what it gives. */
export async function timed<T>(
  run: () => T | Promise<T>,
): Promise<{ seconds: number; result: Awaited<T> }> {
  const begin = performance.now();
  const result = await run();
  return { seconds: (performance.now() - begin) / 1000, result };
}
