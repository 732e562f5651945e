import type { Machine } from '../core/machine.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { findLivelock, mayCycle } from '../explore/progress/cycles.js';
import { findDoomed } from '../explore/progress/doomed.js';
import { graphOf } from '../explore/progress/graph.js';
import { DOOMED, LIVELOCK, type Lasso } from '../explore/progress/lasso.js';

/** Is it of all runs together, so that no run alone shows it? */
export const isOfProgress = (property: string): boolean =>
  property === DOOMED || property === LIVELOCK;

/** Does everything hold, and can everybody get on? Not where a bound keeps that from being known. */
export function isFineIn(machine: Machine, maxStates: number): boolean {
  const search = new ExhaustiveSearch(machine, { maxStates });
  return search.run().verdict === 'holds' && lassoIn(machine, search) === undefined;
}

/** What `check` finds where no property breaks: somebody who may not get on. */
export function findLasso(machine: Machine, maxStates: number): Lasso | undefined | 'bound hit' {
  const search = new ExhaustiveSearch(machine, { maxStates });
  const { verdict } = search.run();
  if (verdict === 'undecided') return 'bound hit';
  if (verdict === 'violated') return undefined;
  return lassoIn(machine, search);
}

function lassoIn(machine: Machine, search: ExhaustiveSearch): Lasso | undefined {
  const graph = graphOf(machine, search.states, search.transitions);
  return findDoomed(graph) ?? (mayCycle(machine) ? findLivelock(graph) : undefined);
}
