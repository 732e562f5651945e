import type { Machine } from '../../core/machine.js';
import { allStates } from './components.js';
import { fairComponents } from './fairness.js';
import type { StateGraph } from './graph.js';
import { LIVELOCK, type Lasso } from './lasso.js';
import { shortestLoop } from './loop.js';

/**
 * Finds a cycle that a fair scheduler may repeat for ever: a livelock, since no
 * operation completes in a cycle. The way in is as short as any to such a
 * cycle, the loop as short as any that begins there.
 *
 * Needs the whole graph: a reduced one has a cycle if the whole one has, but
 * not always a fair one.
 */
export function findLivelock(graph: StateGraph): Lasso | undefined {
  let [start, best] = [Infinity, undefined as Int32Array | undefined];
  for (const component of fairComponents(graph, allStates(graph)))
    for (const state of component) if (state < start) [start, best] = [state, component];
  if (!best) return undefined;
  return {
    kind: LIVELOCK,
    stem: graph.stemTo(start),
    loop: graph.schedule(start, shortestLoop(graph, best, start)),
    doomedAfter: undefined,
  };
}

/** Has anybody retried? Where nobody has there is no cycle. */
export function mayCycle(machine: Machine): boolean {
  return machine.touches.isRetried.some(Boolean);
}
