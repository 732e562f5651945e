import type { LocalNode } from '../core/automaton.js';
import type { Machine } from '../core/machine.js';

/**
 * What a search has learnt of its actors' flows, as plain data that threads can
 * send. Triples: a local state, what its step observed, the local state after.
 * Local states are numbered as they are met from the start, each one's followers
 * in the order of what its step observed: the numbers depend on what was learnt,
 * not on how.
 */
export type Learnt = readonly number[];

export function learntOf(machine: Machine): Learnt {
  const nodes = startsOf(machine);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const edges: number[] = [];
  for (let from = 0; from < nodes.length; from++) {
    const next = [...nodes[from]!.next].toSorted(([a], [b]) => a - b);
    for (const [observed, { node }] of next) {
      let to = numbers.get(node);
      if (to === undefined) numbers.set(node, (to = nodes.push(node) - 1));
      edges.push(from, observed, to);
    }
  }
  return edges;
}

/**
 * A machine that knows the local states that any of these searches came by, and
 * no others. The same union comes to the same machine, to the order in which it
 * lists things.
 * @param build makes a fresh machine of the world that was searched
 */
export function unionOf(parts: readonly Learnt[], build: () => Machine): Machine {
  const scratch = build();
  for (const part of parts) teach(scratch, part);
  const machine = build();
  teach(machine, learntOf(scratch));
  return machine;
}

/** Takes a machine's actors where another's have been. */
function teach(machine: Machine, edges: Learnt): void {
  const nodes = startsOf(machine);
  for (let i = 0; i < edges.length; i += 3) {
    const { node } = machine.automaton.advance(nodes[edges[i]!]!, edges[i + 1]!);
    nodes[edges[i + 2]!] ??= node;
  }
}

function startsOf(machine: Machine): LocalNode[] {
  return [...new Set(Array.from(machine.initialNodes, (id) => machine.node(id)))];
}
