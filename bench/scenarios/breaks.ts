import type { AskedCondition, Scenario } from '../../models/scenario.js';
import type { Named } from '../../src/check/named.js';
import { InputError } from '../../src/core/errors.js';
import type { Machine } from '../../src/core/machine.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { findLivelock } from '../../src/explore/progress/cycles.js';
import { findDoomed } from '../../src/explore/progress/doomed.js';
import { graphOf } from '../../src/explore/progress/graph.js';
import { reach } from '../../src/explore/reach.js';
import { ready } from '../../src/shrink/asked.js';

/** A property, and the version that is asked about it. */
export interface Question {
  readonly named: Named;
  readonly property: string;
}

export type Answer = 'yes' | 'no' | 'bound hit' | 'impossible';

/** The condition, once somebody asks for it: it may be about what is not there. */
export type Asks = () => AskedCondition | undefined;

/** Of each search of a scenario that was drawn. */
const MAX_STATES = 20_000;
/** Where one broke, and what mends it has to be asked. */
export const MAX_STATES_MENDED = 500_000;

export const isOfProgress = (property: string): boolean =>
  property === 'doomed' || property === 'livelock';

/** Does a scenario break it? Impossible is what this version has not got. */
export function breaksIn(
  scenario: Scenario,
  asks: Asks,
  { named, property }: Question,
  maxStates = MAX_STATES,
): Answer {
  try {
    const isProgress = isOfProgress(property);
    const asked = isProgress ? { ...scenario, invariants: [] } : scenario;
    const test = { scenario: asked, condition: asks() };
    const { machine, goal } = ready(test, { named, property, maxStates });
    if (isProgress) return losesProgress(machine, property, maxStates);
    const { answer } = reach(machine, goal, maxStates);
    return answer === 'bound hit' ? breaksSoon(machine, property, maxStates) : answer;
  } catch (error) {
    if (error instanceof InputError) return 'impossible';
    throw error;
  }
}

/** What has too many states: all runs with few preemptions first. */
function breaksSoon(machine: Machine, property: string, maxStates: number): Answer {
  const found = new ContextBoundedSearch(machine, { maxStates }).run();
  return found.verdict === 'violated' && found.property === property ? 'yes' : 'bound hit';
}

function losesProgress(machine: Machine, property: string, maxStates: number): Answer {
  const search = new ExhaustiveSearch(machine, { maxStates });
  const { verdict } = search.run();
  if (verdict === 'undecided') return 'bound hit';
  if (verdict === 'violated') return 'no';
  const graph = graphOf(machine, search.states, search.transitions);
  const lasso = findDoomed(graph) ?? findLivelock(graph);
  return lasso?.kind === property ? 'yes' : 'no';
}
