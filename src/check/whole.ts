import type { Machine } from '../core/machine.js';
import { boundText, isOutOfMemory, Stopped, type Stop } from '../explore/bounds.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { findLivelock, mayCycle } from '../explore/progress/cycles.js';
import { findDoomed } from '../explore/progress/doomed.js';
import { graphOf } from '../explore/progress/graph.js';
import type { Lasso } from '../explore/progress/lasso.js';
import type { SearchResult } from '../explore/verdict.js';
import type { CheckOptions, Found, Outside } from './question.js';
import { keepSearch } from './kept.js';
import type { Limits } from './limits.js';

/** Every state, and then what the graph of all states says of progress. */
export function searchWhole(
  machine: Machine,
  options: CheckOptions,
  limits: Limits,
  outside: Outside,
): Found {
  const kept = keepSearch(machine, limits, outside);
  const search = new ExhaustiveSearch(machine, { ...options, watch: kept.watch });
  try {
    kept.goOnWith({ states: search.states, numbers: search.position });
    const found = search.run();
    if (found.verdict !== 'holds') return { found, progress: 'not checked' };
    kept.saveIfDue();
    const stop = limits.stop(graphBytes(found));
    if (stop) return unanswered(found, stop, options);
    const lasso = lassoOf(machine, search, limits);
    if (typeof lasso !== 'string') return answered(found, lasso);
    kept.save();
    return unanswered(found, lasso, options);
  } finally {
    kept.close();
  }
}

/** Why somebody may not get on; or why that was not found out. */
function lassoOf(
  machine: Machine,
  search: ExhaustiveSearch,
  { pulse }: Limits,
): Lasso | undefined | Stop {
  try {
    const graph = graphOf(machine, search.states, search.transitions, pulse);
    pulse();
    const doomed = findDoomed(graph);
    if (doomed || !mayCycle(machine)) return doomed;
    pulse();
    return findLivelock(graph);
  } catch (error) {
    if (error instanceof Stopped) return error.stop;
    if (isOutOfMemory(error)) return 'memory';
    throw error;
  }
}

/** Bytes that the graph needs, and those who read it, a little less than exactly. */
function graphBytes({ states, transitions }: SearchResult): number {
  return 5 * transitions + 25 * states;
}

function answered(found: SearchResult, lasso: Lasso | undefined): Found {
  if (!lasso) return { found, progress: 'checked' };
  const schedule = [...lasso.stem, ...lasso.loop];
  const { length } = lasso.loop;
  const loop = length === 1 ? '1 step of the run is' : `${length} steps of the run are`;
  const note = `every state visited; ${loop} its loop`;
  return {
    found: { ...found, verdict: 'violated', property: lasso.kind, schedule, note },
    progress: 'checked',
    lasso,
  };
}

/** Nothing is broken, but half of the question is open. */
function unanswered(found: SearchResult, bound: Stop, options: CheckOptions): Found {
  const note = `${boundText(bound, options)}; ${found.note}; nothing is broken`;
  const covered = { bound, frontier: 0, steps: null };
  return {
    found: { ...found, verdict: 'undecided', footing: null, note, covered },
    progress: 'not checked',
  };
}
