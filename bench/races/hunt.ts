import { PCT_DEPTH } from '../../src/check/check.js';
import { Machine } from '../../src/core/machine.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import type { Drawn } from '../../src/explore/sampling/drawn.js';
import { PctChooser } from '../../src/explore/sampling/pct.js';
import { MEASURING } from '../../src/explore/sampling/profile.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { draw } from '../../src/explore/sampling/sample.js';
import { alone, type Strategy } from '../../src/explore/sampling/strategy.js';
import { median, spread, timed, type Spread } from '../measure.js';
import { raceName, type Race } from './known.js';

/** How a race was found, by each of two ways. */
export interface Hunted {
  readonly race: string;
  readonly property: string;
  /** Processor seconds of exhaustive search to the first shortest run, the median. */
  readonly exhaustiveSeconds: number;
  /** What the exhaustive search found; it should be `property`. */
  readonly exhaustive: string | null;
  /** Schedules of PCT until it was found, that one included; one number per seed. */
  readonly schedules: Spread;
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
  const searches = await times(EXHAUSTIVE_REPETITIONS, () =>
    timed(() => new ExhaustiveSearch(new Machine(race.build()), { maxStates: 2 ** 26 }).run()),
  );
  const hunts = await times(SEEDS, (seed) => timed(() => byPct(race, seed + 1)));
  const results = hunts.map((h) => h.result);
  return {
    race: raceName(race),
    property: race.property,
    exhaustiveSeconds: median(searches.map((s) => s.seconds)),
    exhaustive: searches[0]!.result.property,
    schedules: spread(results.map((r) => r.schedules)),
    missed: results.filter((r) => r.property === undefined).length,
    others: results.filter((r) => r.property !== undefined && r.property !== race.property).length,
    pctSeconds: median(hunts.map((h) => h.seconds)),
  };
}

/**
 * PCT alone. k is measured as the sampler measures it, by random walks and by runs
 * under priorities, but what these meet does not count: the sampler, which stops at
 * what they meet, often needs fewer schedules than are told here.
 */
function byPct(race: Race, seed: number): { schedules: number; property: string | undefined } {
  const machine = new Machine(race.build());
  const made = (strategy: Strategy, first: number, runs: number): Drawn =>
    draw(machine, strategy, { first, runs, seed, maxSteps: MAX_STEPS });
  const longest = (strategy: Strategy, first: number): number => {
    const runs = Array.from({ length: MEASURING }, (_, i) => made(strategy, first + i, 1));
    return Math.max(1, ...runs.map((run) => run.longest));
  };
  const bound = longest(randomWalk(), MAX_SCHEDULES);
  const k = longest(unmeasured(bound), MAX_SCHEDULES + MEASURING);
  const { runs, found } = made(unmeasured(k), 0, MAX_SCHEDULES);
  return { schedules: found ? runs : Infinity, property: found?.property };
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
