import type { IntList } from '../../src/explore/ints.js';

/** Moves, each from a state to a state. */
export interface Edges {
  readonly from: IntList;
  readonly to: IntList;
}

/** From which states can a goal be reached, and by how many different runs from the first? */
export interface Reached {
  readonly canReach: Uint8Array;
  /** Infinite where a run can go round in a circle first. */
  readonly runs: number;
}

/** @param goals no move leads on from these */
export function reachedFrom(count: number, { from, to }: Edges, goals: readonly number[]): Reached {
  const first = new Uint32Array(count + 2);
  for (let e = 0; e < to.length; e++) first[to.at(e) + 2]!++;
  for (let s = 2; s < first.length; s++) first[s]! += first[s - 1]!;
  const sources = new Int32Array(to.length);
  for (let e = 0; e < to.length; e++) sources[first[to.at(e) + 1]!++] = from.at(e);
  const into = (state: number) => sources.subarray(first[state], first[state + 1]);

  const canReach = new Uint8Array(count);
  const ahead = new Uint32Array(count);
  const queue = [...goals];
  for (const goal of goals) canReach[goal] = 1;
  for (let state; (state = queue.pop()) !== undefined;)
    for (const source of into(state)) {
      ahead[source]!++;
      if (canReach[source]) continue;
      canReach[source] = 1;
      queue.push(source);
    }

  // Whoever is in a circle, or before one, never has nothing ahead.
  const runs = new Float64Array(count);
  for (const goal of goals) runs[goal] = 1;
  const known = [...goals];
  for (let state; (state = known.pop()) !== undefined;)
    for (const source of into(state)) {
      runs[source]! += runs[state]!;
      if (--ahead[source]! === 0) known.push(source);
    }
  return { canReach, runs: ahead[0] ? Infinity : runs[0]! };
}
