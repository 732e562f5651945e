/** The seed of tests that say how well something shrinks, which luck has a part in. */
export const FIXED_SEED = 20240726;

/**
 * The seed of generated tests: the same in every run unless GMEMCHECK_SEED says
 * otherwise. fast-check prints it with what it finds.
 */
export const SEED = seedFrom(process.env['GMEMCHECK_SEED']);

function seedFrom(text: string | undefined): number {
  if (text === undefined || text === '') return FIXED_SEED;
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`GMEMCHECK_SEED=${text}: expected an integer`);
  return seed;
}
