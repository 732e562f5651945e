import { PCT_DEPTH } from '../../src/check/defaults.js';
import { Machine } from '../../src/core/machine.js';
import type { World } from '../../src/core/world.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import type { Drawn } from '../../src/explore/sampling/drawn.js';
import { pct, PctChooser } from '../../src/explore/sampling/pct.js';
import { MEASURING } from '../../src/explore/sampling/profile.js';
import { draw } from '../../src/explore/sampling/sample.js';
import { alone, type Strategy } from '../../src/explore/sampling/strategy.js';
import { collectGarbage, median, spread, timed, type Spread } from '../measure.js';
import { raceName, type Race } from './known.js';

/** How a race was found, by each of two ways. */
export interface Hunted {
  readonly race: string;
  readonly property: string;
  /** Processor seconds of exhaustive search to the first shortest run, the median. */
  readonly exhaustiveSeconds: number;
  /** What the exhaustive search found; it should be `property`. */
  readonly exhaustive: string | null;
  /** Schedules of PCT alone until it was found, that one included; one number per seed. */
  readonly schedules: Spread;
  /** Schedules that `gmemcheck check --strategy pct` draws until then, measuring and all. */
  readonly schedulesAsRun: Spread;
  /** Seeds by which it was not found within MAX_SCHEDULES; these count as Infinity. */
  readonly missed: number;
  /** Seeds whose run broke something else first. */
  readonly others: number;
  /** Processor seconds of the median hunt, measuring and all. */
  readonly pctSeconds: number;
}

/** Bugs that PCT aims at; what `gmemcheck check --strategy pct` takes unless told otherwise. */
export const DEPTH = PCT_DEPTH;
export const SEEDS = 21;
export const MAX_SCHEDULES = 20_000;
const EXHAUSTIVE_REPETITIONS = 3;
const MAX_STEPS = 20_000;

/** Hunts one race by exhaustive search, and by PCT from every seed. */
export async function hunt(race: Race): Promise<Hunted> {
  collectGarbage();
  const searches = await times(EXHAUSTIVE_REPETITIONS, () =>
    timed(() => new ExhaustiveSearch(new Machine(race.build()), { maxStates: 2 ** 26 }).run()),
  );
  const hunts = await times(SEEDS, (seed) => timed(() => byPct(race, seed + 1)));
  const results = hunts.map((h) => h.result);
  const runs = await times(SEEDS, async (seed) => asRun(race, seed + 1));
  return {
    race: raceName(race),
    property: race.property,
    exhaustiveSeconds: median(searches.map((s) => s.seconds)),
    exhaustive: searches[0]!.result.property,
    schedules: spread(results.map((r) => r.schedules)),
    schedulesAsRun: spread(runs),
    missed: results.filter((r) => r.property === undefined).length,
    others: results.filter((r) => r.property !== undefined && r.property !== race.property).length,
    pctSeconds: median(hunts.map((h) => h.seconds)),
  };
}

/**
 * PCT alone. k is measured as the sampler measures it, in the same world, of which
 * nobody asks whether anything is broken: what the measuring runs meet is no find. The
 * sampler itself, which stops there, often needs fewer schedules.
 */
function byPct(race: Race, seed: number): Tried {
  const { measured, longest } = drawn(blind(race), pct(DEPTH), seed, 0);
  const strategy = unmeasured(measured?.steps ?? longest);
  const { runs, found } = drawn(race.build(), strategy, seed, MAX_SCHEDULES);
  return { schedules: found ? runs : Infinity, property: found?.property };
}

/** As `gmemcheck check --strategy pct` does it: runs that measure count, and so do their finds. */
function asRun(race: Race, seed: number): number {
  const { runs, found } = drawn(race.build(), pct(DEPTH), seed, MAX_SCHEDULES);
  if (!found) return Infinity;
  return found.run < 0 ? -found.run : 2 * MEASURING + runs;
}

interface Tried {
  readonly schedules: number;
  readonly property: string | undefined;
}

function blind(race: Race): World {
  return { ...race.build(), properties: [], condition: undefined };
}

function drawn(world: World, strategy: Strategy, seed: number, runs: number): Drawn {
  return draw(new Machine(world), strategy, { runs, seed, maxSteps: MAX_STEPS });
}

/** PCT with a k that is given. */
function unmeasured(k: number): Strategy {
  const chooser = () => new PctChooser(DEPTH, k);
  return alone({ name: `PCT of depth ${DEPTH}`, isProfiled: false, chooser });
}

async function times<T>(count: number, run: (i: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < count; i++) all.push(await run(i));
  return all;
}
