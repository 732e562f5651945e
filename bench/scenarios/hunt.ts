import fc from 'fast-check';
import { scenarios } from '../../models/arbitraries.js';
import type { Known } from '../../models/races/race.js';
import { races } from '../../models/races/index.js';
import type { Scenario } from '../../models/scenario.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTest } from '../../src/check/tests.js';
import { reach } from '../../src/explore/reach.js';
import { ready, type Asked } from '../../src/shrink/asked.js';
import { isWithin } from '../../src/shrink/known.js';
import { shrink } from '../../src/shrink/shrink.js';
import { spread, timed, type Spread } from '../measure.js';

/** How a race was found among scenarios that were drawn without knowing of it. */
export interface Hunted {
  readonly race: string;
  readonly property: string;
  /** Scenarios drawn until it was found, one number per seed; Infinity where it was not. */
  readonly scenarios: Spread;
  /** Processor seconds for that, drawing and all. */
  readonly seconds: Spread;
  readonly found: number;
  readonly seeds: number;
}

/** A race that cannot be found so, and why. */
export interface Beyond {
  readonly race: string;
  readonly because: string;
}

export interface Effort {
  readonly seeds: number;
  /** Scenarios of one seed at most. */
  readonly most: number;
}

const MAX_STATES = 20_000;

/** Every race of the corpus, in its order. */
export async function huntAll(
  effort: Effort,
  onRace: (race: Hunted | Beyond) => void,
): Promise<void> {
  for (const race of races) {
    if (race.kind !== 'race') continue;
    const because = whyBeyond(race);
    onRace(because ? { race: race.id, because } : await hunt(race, effort));
  }
}

/** One race, by its id. */
export const huntIn = (id: string, effort: Effort): Promise<Hunted> =>
  hunt(
    races.find((r): r is Known => r.id === id && r.kind === 'race')!,
    effort,
  );

function whyBeyond({ breaks }: Known): string | undefined {
  if (breaks.property === 'condition') return 'its condition is no part of a scenario';
  return ['doomed', 'livelock'].includes(breaks.property) ? 'it is of progress' : undefined;
}

async function hunt({ id, breaks }: Known, { seeds, most }: Effort): Promise<Hunted> {
  const { property } = breaks;
  const named = await stateOf(breaks.under);
  const asked: Asked = { named, property, maxStates: MAX_STATES };
  const test = committedTest(breaks.test)!;
  const { least } = shrink(test, { ...asked, maxStates: 1_000_000 });
  const drawn = scenarios(named.protocol);
  const runs: { result: number; seconds: number }[] = [];
  for (let seed = 1; seed <= seeds; seed++)
    runs.push(
      await timed(() => {
        const all = fc.sample(drawn, { seed, numRuns: most });
        const at = all.findIndex((s) => isFound(s, least.test.scenario, asked));
        return at < 0 ? Infinity : at + 1;
      }),
    );
  return {
    race: id,
    property,
    scenarios: spread(runs.map((r) => r.result)),
    seconds: spread(runs.map((r) => r.seconds)),
    found: runs.filter((r) => r.result < Infinity).length,
    seeds,
  };
}

/** Does a scenario do what the race takes, and break the same? */
function isFound(drawn: Scenario, least: Scenario, asked: Asked): boolean {
  if (!isWithin(least, drawn)) return false;
  // What else breaks earlier in the same runs would hide it.
  const { invariants, provenance } = least;
  const scenario = { ...drawn, invariants, provenance };
  const { machine, goal } = ready({ scenario, condition: undefined }, asked);
  return reach(machine, goal, asked.maxStates).answer === 'yes';
}
