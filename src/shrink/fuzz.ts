import type { Scenario } from '../../models/scenario.js';
import type { Named } from '../check/named.js';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import type { Bounds } from '../explore/bounds.js';
import { ContextBoundedSearch } from '../explore/contexts.js';
import { reach } from '../explore/reach.js';
import { ready } from './asked.js';
import { told } from './blocks.js';
import type { Example } from './examples.js';
import type { Exercise } from './exercise.js';
import { drawnScenarios, machineOf, shrinkScenario } from './generated.js';
import { isLike } from './known.js';
import { findLasso, isOfProgress } from './lasso.js';
import { Undecided, type Shrinking, type Shrunk } from './shrink.js';

export interface FuzzOptions {
  readonly named: Named;
  readonly seed: number;
  /** Scenarios to draw. */
  readonly runs: number;
  /** States of each search. */
  readonly maxStates: number;
}

/** What is told of while scenarios are drawn. */
export interface FuzzEvents {
  /** Something new, with the number of the scenario it was found in. */
  readonly onFound: (shrunk: Shrunk, run: number) => void;
  /** Is told what was drawn, and what was done in it. */
  readonly exercise?: Exercise | undefined;
}

export interface Fuzzed {
  readonly runs: number;
  /** Scenarios whose search hit the bound, with nothing broken so far. */
  readonly undecided: number;
  /** Scenarios that broke what is known, by the name of the example. */
  readonly known: ReadonlyMap<string, number>;
  readonly found: readonly Shrunk[];
}

/** Draws scenarios and searches each, few preemptions first; shrinks what breaks something new. */
export function fuzz(options: FuzzOptions, known: readonly Example[], events: FuzzEvents): Fuzzed {
  const { named, seed, runs, maxStates } = options;
  const { protocol } = named;
  const examples = [...known];
  const counts = new Map<string, number>();
  const found: Shrunk[] = [];
  let undecided = 0;
  let run = 0;
  for (const scenario of drawnScenarios(protocol, seed, runs)) {
    run++;
    const machine = machineOf(scenario, protocol);
    const search = new ContextBoundedSearch(machine, { maxStates });
    const result = search.run();
    events.exercise?.add(scenario, machine, search.states);
    if (result.verdict === 'undecided') undecided++;
    if (result.verdict !== 'violated') continue;
    const property = result.property!;
    const name = `${protocol.id.replace(/[^\w.+-]/g, '_')}-${property}`;
    const shrunk = asKnown(scenario, property, examples)
      ? undefined
      : shrinkOr(scenario, options, property, { name, found: told(machine, result.schedule!) });
    const smallest = shrunk?.least.test.scenario ?? scenario;
    const like = asKnown(smallest, property, examples);
    if (like) counts.set(like.name, (counts.get(like.name) ?? 0) + 1);
    else if (!shrunk) undecided++;
    else {
      examples.push({ name, property, test: shrunk.least.test });
      found.push(shrunk);
      events.onFound(shrunk, run);
    }
  }
  return { runs, undecided, known: counts, found };
}

/** The example that this one breaks the same as, going by what is done in it and where. */
const asKnown = (scenario: Scenario, property: string, examples: readonly Example[]) =>
  examples.find((e) => e.property === property && isLike(e.test.scenario, scenario));

function shrinkOr(
  scenario: Scenario,
  { named, maxStates }: FuzzOptions,
  property: string,
  how: Shrinking,
): Shrunk | undefined {
  try {
    return shrinkScenario(scenario, named.protocol, property, {
      ...how,
      maxStates: 10 * maxStates,
      reference: named.reference,
    });
  } catch (error) {
    // What breaks by contexts may have too many states for all of them.
    if (error instanceof Undecided) return undefined;
    throw error;
  }
}

/** What has become of an example that was kept. */
export function stillBreaks({ test, property }: Example, { named, maxStates }: FuzzOptions) {
  try {
    const bounds = { maxStates: 10 * maxStates };
    const { machine, goal } = ready(test, { named, property, ...bounds });
    if (isOfProgress(property)) return lassoBreaks(machine, property, bounds);
    const result = new ContextBoundedSearch(machine, bounds).run();
    if (result.verdict !== 'violated') return result.verdict;
    // What it has met first may be another property.
    if (result.property === property) return 'breaks';
    const { answer } = reach(machine, goal, bounds.maxStates);
    return answer === 'yes' ? 'breaks' : answer === 'no' ? 'holds' : 'undecided';
  } catch (error) {
    if (error instanceof InputError) return 'cannot be run';
    throw error;
  }
}

function lassoBreaks(machine: Machine, property: string, { maxStates }: Bounds): string {
  const lasso = findLasso(machine, maxStates);
  if (lasso === 'bound hit') return 'undecided';
  return lasso?.kind === property ? 'breaks' : 'holds';
}
