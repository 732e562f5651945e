import { Machine } from '../src/core/machine.js';
import { ExhaustiveSearch } from '../src/explore/exhaustive.js';
import { ReducedSearch } from '../src/explore/reduced-search.js';
import type { Reductions } from '../src/explore/reductions/options.js';
import { collectGarbage, timed, type Cost } from './measure.js';
import type { Subject } from './subject.js';

/** One search to its verdict, from nothing: the world is built within the time. */
export interface Reached extends Cost {
  readonly verdict: string;
  readonly note: string;
  /** States stored. */
  readonly states: number;
  readonly transitions: number;
}

/** An unreduced search, and what its tables hold in the end. */
export interface Searched extends Reached {
  readonly memories: number;
  readonly moves: number;
  readonly bytes: number;
}

const BOUNDS = { maxStates: 2 ** 29 };

/** Visits every state once. @throws Error for a test that does not hold */
export async function searchAll(subject: Subject): Promise<Searched> {
  collectGarbage();
  const { result, ...cost } = await timed(() => {
    const machine = new Machine(subject.build());
    const search = new ExhaustiveSearch(machine, BOUNDS);
    return { machine, search, found: search.run() };
  });
  const { machine, search, found } = result;
  if (found.verdict !== 'holds') throw new Error(`${subject.test} ${found.verdict}, not holds`);
  return {
    ...cost,
    verdict: found.verdict,
    note: found.note,
    states: found.states,
    transitions: found.transitions,
    memories: machine.memories.count,
    moves: machine.moves.size,
    bytes: search.states.bytes + machine.memories.bytes + machine.moves.bytes,
  };
}

/** The verdict with reductions: all their rounds are in the time, the last one's states counted. */
export async function searchReduced(subject: Subject, reductions: Reductions): Promise<Reached> {
  collectGarbage();
  const { result: found, ...cost } = await timed(() =>
    new ReducedSearch(new Machine(subject.build()), reductions, BOUNDS).run(),
  );
  const { verdict, note, states, transitions } = found;
  return { ...cost, verdict, note, states, transitions };
}
