import type { AskedCondition, Scenario } from '../../models/scenario.js';
import type { Named } from '../../src/check/named.js';
import { InputError } from '../../src/core/errors.js';
import type { Machine } from '../../src/core/machine.js';
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

const MAX_STATES = 20_000;

export const isOfProgress = (property: string): boolean =>
  property === 'doomed' || property === 'livelock';

/** Does a scenario break it? Impossible is what this version has not got. */
export function breaksIn(scenario: Scenario, asks: Asks, { named, property }: Question): Answer {
  try {
    const isProgress = isOfProgress(property);
    const asked = isProgress ? { ...scenario, invariants: [] } : scenario;
    const test = { scenario: asked, condition: asks() };
    const { machine, goal } = ready(test, { named, property, maxStates: MAX_STATES });
    return isProgress ? losesProgress(machine, property) : reach(machine, goal, MAX_STATES).answer;
  } catch (error) {
    if (error instanceof InputError) return 'impossible';
    throw error;
  }
}

function losesProgress(machine: Machine, property: string): Answer {
  const search = new ExhaustiveSearch(machine, { maxStates: MAX_STATES });
  const { verdict } = search.run();
  if (verdict === 'undecided') return 'bound hit';
  if (verdict === 'violated') return 'no';
  const graph = graphOf(machine, search.states, search.transitions);
  const lasso = findDoomed(graph) ?? findLivelock(graph);
  return lasso?.kind === property ? 'yes' : 'no';
}
