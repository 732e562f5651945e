import { races } from '../../models/races/index.js';
import type { Known } from '../../models/races/race.js';
import type { LitmusTest } from '../../models/language/index.js';
import { PCT_DEPTH } from '../../src/check/check.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTests } from '../../src/check/tests.js';
import type { Schedule } from '../../src/core/schedule.js';
import { pct } from '../../src/explore/sampling/pct.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { draw } from '../../src/explore/sampling/sample.js';
import type { Strategy } from '../../src/explore/sampling/strategy.js';
import { ready, type Asked } from '../../src/shrink/asked.js';
import { told } from '../../src/shrink/blocks.js';
import { isOfProgress } from '../../src/shrink/lasso.js';
import { shrink, type Shrunk } from '../../src/shrink/shrink.js';
import { isProven, tokenOf } from '../../src/shrink/text.js';
import { spread, timed, type Spread } from '../measure.js';

/** What comes of random runs that break one race, each shrunk by itself. */
export interface Again {
  readonly race: string;
  readonly property: string;
  /** Seeds from which a run was drawn that breaks it. */
  readonly found: number;
  /** What they were shrunk to: tokens, which are scenario and run. */
  readonly distinct: number;
  readonly isProven: boolean;
  /** Steps of the runs that were drawn, and of what came of them. */
  readonly steps: Spread;
  readonly least: number;
  /** Times that the run, or one made of it, was executed. */
  readonly executions: Spread;
  /** Processor seconds of each shrinking. */
  readonly seconds: Spread;
}

const MAX_STATES = 1_000_000;
const MAX_STEPS = 20_000;
/** Schedules from one seed: by random walks, then by PCT. */
const [WALKS, PCTS] = [2_000, 20_000];

/** Every race of the corpus, in its order. */
export async function shrinkAll(seeds: number, onRace: (race: Again) => void): Promise<void> {
  for (const race of races) if (race.kind === 'race') onRace(await shrinkAgain(race, seeds));
}

/** One race, by its id. */
export const shrinkOne = (id: string, seeds: number): Promise<Again> =>
  shrinkAgain(
    races.find((r): r is Known => r.id === id && r.kind === 'race')!,
    seeds,
  );

async function shrinkAgain({ id, breaks }: Known, seeds: number): Promise<Again> {
  const { property } = breaks;
  const test = committedTests().find((t) => t.name === breaks.test)!;
  const asked: Asked = { named: await stateOf(breaks.under), property, maxStates: MAX_STATES };
  const shrunk: { steps: number; seconds: number; result: Shrunk }[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { machine } = ready(test, asked);
    const schedule = isOfProgress(property) ? [] : drawn(test, asked, seed);
    if (!schedule) continue;
    const found = isOfProgress(property) ? undefined : told(machine, schedule);
    const cost = await timed(() => shrink(test, asked, { found }));
    shrunk.push({ ...cost, steps: schedule.length });
  }
  const results = shrunk.map((s) => s.result);
  return {
    race: id,
    property,
    found: shrunk.length,
    distinct: new Set(results.map(tokenOf)).size,
    isProven: results.every(isProven),
    steps: spread(shrunk.map((s) => s.steps)),
    least: results[0]?.schedule.length ?? 0,
    executions: spread(results.map((r) => r.executions)),
    seconds: spread(shrunk.map((s) => s.seconds)),
  };
}

/** The first run from a seed that breaks the property, and nothing before. */
function drawn(test: LitmusTest, asked: Asked, seed: number): Schedule | undefined {
  return (
    drawnBy(randomWalk(), WALKS, test, asked, seed) ??
    drawnBy(pct(PCT_DEPTH), PCTS, test, asked, seed)
  );
}

function drawnBy(
  strategy: Strategy,
  most: number,
  test: LitmusTest,
  asked: Asked,
  seed: number,
): Schedule | undefined {
  const { machine } = ready(test, asked);
  for (let first = 0; first < most;) {
    const options = { seed, first, runs: most - first, maxSteps: MAX_STEPS };
    const { found } = draw(machine, strategy, options);
    if (!found) return undefined;
    if (found.property === asked.property) return found.schedule;
    // What breaks while it is measured breaks each time.
    if (found.run < 0) return undefined;
    first = found.run + 1;
  }
  return undefined;
}
