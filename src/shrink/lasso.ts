import type { Machine } from '../core/machine.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { findLivelock, mayCycle } from '../explore/progress/cycles.js';
import { findDoomed } from '../explore/progress/doomed.js';
import { graphOf } from '../explore/progress/graph.js';
import { DOOMED, LIVELOCK, type Lasso } from '../explore/progress/lasso.js';

/** Is it of all runs together, so that no run alone shows it? */
export const isOfProgress = (property: string): boolean =>
  property === DOOMED || property === LIVELOCK;

/** What `check` finds where no property breaks: somebody who may not get on. */
export function findLasso(machine: Machine, maxStates: number): Lasso | undefined | 'bound hit' {
  const search = new ExhaustiveSearch(machine, { maxStates });
  const { verdict } = search.run();
  if (verdict === 'undecided') return 'bound hit';
  if (verdict === 'violated') return undefined;
  const graph = graphOf(machine, search.states, search.transitions);
  return findDoomed(graph) ?? (mayCycle(machine) ? findLivelock(graph) : undefined);
}
