/** The seed of tests that say how well something shrinks, which luck has a part in. */
export const FIXED_SEED = 20240726;

const GIVEN = seedFrom(process.env['GMEMCHECK_SEED']);

/**
 * The seed of generated tests: the same in every run unless GMEMCHECK_SEED says
 * otherwise. fast-check prints it with what it finds.
 */
export const SEED = GIVEN ?? FIXED_SEED;

/** The same for a test that has a seed of its own: GMEMCHECK_SEED moves it. */
export const seedOf = (own: number): number => (GIVEN === undefined ? own : (own + GIVEN) | 0);

/** For who reads a failure. */
export const seedText =
  GIVEN === undefined
    ? 'Drawn from fixed seeds: GMEMCHECK_SEED is not set'
    : `Drawn again by GMEMCHECK_SEED=${GIVEN}`;

/**
 * More than this many of a kind that a seed of its own draws so often: another one
 * may draw it less often, and what is rare not at all.
 */
export const enough = (often: number): number => {
  if (GIVEN === undefined) return often;
  return often < RARE ? -1 : often / 4;
};

const RARE = 10;

function seedFrom(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`GMEMCHECK_SEED=${text}: expected an integer`);
  return seed;
}
