const FACTOR = factorFrom(process.env['GMEMCHECK_EFFORT']);

/** A long run is wanted: nothing is left to what stands for it. */
export const isThorough = FACTOR > 1;

/**
 * How many programs or scenarios to generate: enough for every change, or
 * GMEMCHECK_EFFORT times as many for a long run.
 */
export const effort = (runs: number): number => Math.ceil(runs * FACTOR);

function factorFrom(text: string | undefined): number {
  if (text === undefined || text === '') return 1;
  const factor = Number(text);
  if (!(factor > 0)) throw new Error(`GMEMCHECK_EFFORT=${text}: expected a number above 0`);
  return factor;
}
