import { Machine } from '../src/core/machine.js';
import { ExhaustiveSearch } from '../src/explore/exhaustive.js';
import { timed } from './measure.js';
import type { Subject } from './subject.js';

/** One exhaustive search from empty tables. */
export interface Searched {
  readonly states: number;
  readonly transitions: number;
  readonly memories: number;
  readonly moves: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** Visits every state once; the world is built before the clock starts. */
export async function searchAll(subject: Subject): Promise<Searched> {
  const world = subject.build();
  const { seconds, result } = await timed(() => {
    const machine = new Machine(world);
    const search = new ExhaustiveSearch(machine, { maxStates: 2 ** 29 });
    return { machine, search, found: search.run() };
  });
  const { machine, search, found } = result;
  if (found.verdict !== 'holds') throw new Error(`${subject.test} ${found.verdict}, not holds`);
  return {
    states: found.states,
    transitions: found.transitions,
    memories: machine.memories.count,
    moves: machine.moves.size,
    bytes: search.states.bytes + machine.memories.bytes + machine.moves.bytes,
    seconds,
  };
}
