import fc from 'fast-check';
import { scenarios } from '../../models/arbitraries/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Known } from '../../models/races/race.js';
import { races } from '../../models/races/index.js';
import type { Scenario } from '../../models/scenario.js';
import { stateOf } from '../../src/check/races/shown.js';
import { committedTest } from '../../src/check/tests.js';
import { InputError } from '../../src/core/index.js';
import { CONDITION } from '../../src/explore/verdict.js';
import { nearest } from '../../src/nearest.js';
import { shrink } from '../../src/shrink/shrink.js';
import { spread, timed, type Spread } from '../measure.js';
import { conditionIn, withWordsOf } from './asked-of.js';
import { breaksIn, MAX_STATES_MENDED, type Asks, type Question } from './breaks.js';
import { isSameCall, within } from './within.js';

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

export interface Effort {
  readonly seeds: number;
  /** Scenarios of one seed at most. */
  readonly most: number;
}

const corpus = races.filter((race): race is Known => race.kind === 'race');

/** Every race of the corpus, in its order, or those of these ids. @throws InputError */
export async function huntAll(
  effort: Effort,
  ids: readonly string[],
  onRace: (race: Hunted) => void,
): Promise<void> {
  const all = ids.length === 0 ? corpus : ids.map(raceOf);
  for (const race of all) onRace(await hunt(race, effort));
}

/** One race, by its id. @throws InputError */
export const huntIn = (id: string, effort: Effort): Promise<Hunted> => hunt(raceOf(id), effort);

function raceOf(id: string): Known {
  const found = corpus.find((race) => race.id === id);
  const ids = corpus.map((race) => race.id);
  if (!found) throw new InputError(`no race '${id}'${nearest(id, ids)}`);
  return found;
}

async function hunt(race: Known, { seeds, most }: Effort): Promise<Hunted> {
  const { property } = race.breaks;
  const prey = await preyOf(race);
  const drawn = scenarios(prey.question.named.protocol);
  const runs: { result: number; seconds: number }[] = [];
  for (let seed = 1; seed <= seeds; seed++)
    runs.push(
      await timed(() => {
        const fails = fc.property(drawn, (scenario) => !isFound(scenario, prey));
        const { failed, numRuns } = fc.check(fails, { seed, numRuns: most, endOnFailure: true });
        return failed ? numRuns : Infinity;
      }),
    );
  return {
    race: race.id,
    property,
    scenarios: spread(runs.map((r) => r.result)),
    seconds: spread(runs.map((r) => r.seconds)),
    found: runs.filter((r) => r.result < Infinity).length,
    seeds,
  };
}

/**
 * What a scenario has to do, what is to break in it, and where it is not to.
 */
interface Prey {
  readonly least: LitmusTest;
  readonly question: Question;
  readonly mended: Question | undefined;
}

export async function preyOf({ breaks, mended }: Known): Promise<Prey> {
  const { property } = breaks;
  const named = await stateOf(breaks.under);
  const question = { named, property };
  const test = committedTest(breaks.test)!;
  const { test: least } = shrink(test, { ...question, maxStates: 1_000_000 }).least;
  // What mends it in the same version is another scenario.
  const isElsewhere = mended !== undefined && mended.under !== breaks.under;
  const other = isElsewhere ? { named: await stateOf(mended.under), property } : undefined;
  return { least, question, mended: other };
}

/** Does it do what the race takes, and break the same, and is that mended by what mends the race? */
export function isFound(drawn: Scenario, prey: Prey): boolean {
  const { least, question } = prey;
  // What else breaks earlier in the same runs would hide it.
  const { invariants, provenance } = least.scenario;
  const asked = { ...drawn, invariants, provenance };
  if (question.property !== CONDITION) {
    const { done } = within(least.scenario, drawn).next();
    return done !== true && isMended(asked, () => undefined, prey);
  }
  for (const place of within(least.scenario, drawn, isSameCall)) {
    const scenario = withWordsOf(least.scenario, asked, place);
    if (scenario && isMended(scenario, () => conditionIn(least, scenario, place), prey))
      return true;
  }
  return false;
}

function isMended(s: Scenario, asks: Asks, { question, mended }: Prey): boolean {
  if (breaksIn(s, asks, question) !== 'yes') return false;
  if (mended === undefined) return true;
  return ['no', 'impossible'].includes(breaksIn(s, asks, mended, MAX_STATES_MENDED));
}
