import { fairComponents } from './fairness.js';
import type { StateGraph } from './graph.js';
import { DOOMED, type Lasso } from './lasso.js';
import { shortestLoop } from './loop.js';

/**
 * A state is doomed when no schedule without further faults or signals lets
 * every actor finish. Finds the first one in the order of the search, other than
 * a deadlock, and shows why: the run goes on to a loop that even a fair
 * scheduler may repeat for ever, or to where only a fault or a signal helps.
 *
 * Whether there is one can be asked of a graph that was reduced with persistent
 * sets, whatever is done about cycles (Valmari, "Stop It, and Be Stubborn!",
 * ACSD 2015): a free run to the end has a move of every persistent set on its
 * way, and that is as free when it goes first.
 */
export function findDoomed(graph: StateGraph): Lasso | undefined {
  const canEnd = whoCanEnd(graph);
  const isDoomed = (state: number): boolean =>
    !canEnd[state] && graph.first[state] !== graph.first[state + 1];
  let state = 0;
  while (state < graph.count && !isDoomed(state)) state++;
  return state < graph.count ? explain(graph, state) : undefined;
}

/**
 * States from which a final one is reachable by free moves. Edges mostly lead to
 * higher numbers, so sweeping downwards decides nearly all states at once, and
 * no edge needs to be stored backwards.
 */
export function whoCanEnd(graph: StateGraph): Uint8Array {
  const { first, target, count } = graph;
  const canEnd = new Uint8Array(count);
  for (let s = 0; s < count; s++) if (graph.isFinal(s)) canEnd[s] = 1;
  for (let isNew = true; isNew;) {
    isNew = false;
    for (let s = count - 1; s >= 0; s--) {
      if (canEnd[s]) continue;
      for (let e = first[s]!; e < first[s + 1]!; e++)
        if (canEnd[target[e]!] && graph.isFree(e)) {
          canEnd[s] = 1;
          isNew = true;
          break;
        }
    }
  }
  return canEnd;
}

/** Goes on from a doomed state to the nearest end there is. */
function explain(graph: StateGraph, doomed: number): Lasso {
  const { states, edges, parents } = reachable(graph, doomed);
  const componentOf = new Map<number, Int32Array>();
  for (const component of fairComponents(graph, states))
    for (const state of component) componentOf.set(state, component);
  // From a doomed state everything leads to such an end: a bottom component is fair.
  const end = states.findIndex((s) => componentOf.has(s) || graph.enabled(s) === 0);
  const path: number[] = [];
  for (let i = end; i > 0; i = parents[i]!) path.push(edges[i]!);
  const stem = graph.stemTo(doomed);
  const last = states[end]!;
  const component = componentOf.get(last);
  return {
    kind: DOOMED,
    stem: [...stem, ...graph.schedule(doomed, path.toReversed())],
    loop: component ? graph.schedule(last, shortestLoop(graph, component, last)) : [],
    doomedAfter: stem.length,
  };
}

/** Everything that free moves lead to, nearest first, and how. */
function reachable(
  graph: StateGraph,
  start: number,
): { states: Int32Array; edges: readonly number[]; parents: readonly number[] } {
  const { first, target } = graph;
  const seen = new Uint8Array(graph.count);
  const states = [start];
  const edges = [-1];
  const parents = [-1];
  seen[start] = 1;
  for (let i = 0; i < states.length; i++)
    for (let e = first[states[i]!]!; e < first[states[i]! + 1]!; e++) {
      const to = target[e]!;
      if (seen[to] || !graph.isFree(e)) continue;
      seen[to] = 1;
      states.push(to);
      edges.push(e);
      parents.push(i);
    }
  return { states: Int32Array.from(states), edges, parents };
}
