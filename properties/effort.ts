/**
 * How many programs or scenarios to generate: enough for every change, or
 * GMEMCHECK_EFFORT times as many for a long run.
 */
export function effort(runs: number): number {
  const text = process.env['GMEMCHECK_EFFORT'] || '1';
  const factor = Number(text);
  if (!(factor > 0)) throw new Error(`GMEMCHECK_EFFORT=${text}: expected a number above 0`);
  return Math.ceil(runs * factor);
}
