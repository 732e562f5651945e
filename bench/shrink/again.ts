import { races } from '../../models/races/index.js';
import type { Known } from '../../models/races/race.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTest } from '../../src/check/tests.js';
import { InputError } from '../../src/core/index.js';
import type { Schedule } from '../../src/core/schedule.js';
import { nearest } from '../../src/nearest.js';
import { ready, type Asked } from '../../src/shrink/asked.js';
import { told } from '../../src/shrink/blocks.js';
import { isOfProgress } from '../../src/shrink/lasso.js';
import { shrink, type Shrunk } from '../../src/shrink/shrink.js';
import { isProven, tokenOf } from '../../src/shrink/text.js';
import { spread, timed, type Spread } from '../measure.js';
import { FailingRuns } from './failing-runs.js';

/** What comes of random runs that break one race, each shrunk by itself. */
export interface Again {
  readonly race: string;
  readonly property: string;
  /** Different runs that were drawn; none where no run shows the property by itself. */
  readonly found: number;
  /** How many there are; infinite where a run can go round in circles first. */
  readonly count: number;
  /** What they were shrunk to: tokens, which are scenario and run. */
  readonly tokens: number;
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
/** Runs that are drawn from a seed until one is new, where there is one. */
const DRAWS = 1000;

/** Races of the corpus, in its order, or those of these ids. @throws InputError */
export function racesOf(ids: readonly string[]): readonly Known[] {
  const corpus = races.filter((race): race is Known => race.kind === 'race');
  const unknown = ids.find((id) => corpus.every((race) => race.id !== id));
  if (unknown !== undefined)
    throw new InputError(
      `no race '${unknown}'${nearest(
        unknown,
        corpus.map((race) => race.id),
      )}`,
    );
  return corpus.filter(({ id }) => ids.length === 0 || ids.includes(id));
}

/** A different run of a race from each seed, each shrunk by itself. */
export async function shrinkAgain(
  { id, breaks }: Known,
  seeds: number,
  onSeed: (seed: number) => void = () => {},
): Promise<Again> {
  const { property } = breaks;
  const test = committedTest(breaks.test)!;
  const asked: Asked = { named: await stateOf(breaks.under), property, maxStates: MAX_STATES };
  const at = ready(test, asked);
  const failing = isOfProgress(property) ? undefined : new FailingRuns(at, MAX_STATES);
  const drawn = failing ? differentRuns(failing, seeds) : [];
  const shrunk: { seconds: number; result: Shrunk }[] = [];
  // Of all runs together there is one search, and nothing that could differ.
  for (const [n, schedule] of (drawn.length > 0 ? drawn : [undefined]).entries()) {
    onSeed(n + 1);
    const found = schedule && told(at.machine, schedule);
    shrunk.push(await timed(() => shrink(test, asked, { found })));
  }
  const results = shrunk.map((s) => s.result);
  return {
    race: id,
    property,
    found: drawn.length,
    count: failing?.count ?? 0,
    tokens: new Set(results.map(tokenOf)).size,
    isProven: results.every(isProven),
    steps: spread(drawn.map((schedule) => schedule.length)),
    least: results[0]!.schedule.length,
    executions: spread(results.map((r) => r.executions)),
    seconds: spread(shrunk.map((s) => s.seconds)),
  };
}

/** From each seed the first run that breaks the property and that no seed before has drawn. */
function differentRuns(failing: FailingRuns, seeds: number): Schedule[] {
  const drawn = new Map<string, Schedule>();
  for (let seed = 1; seed <= seeds; seed++)
    for (let number = 0; number < DRAWS && drawn.size < Math.min(seed, failing.count); number++) {
      const schedule = failing.draw(seed, number, MAX_STEPS);
      if (schedule) drawn.set(JSON.stringify(schedule), schedule);
    }
  return [...drawn.values()];
}
