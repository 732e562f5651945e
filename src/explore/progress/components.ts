import type { StateGraph } from './graph.js';

/**
 * Strongly connected components of parts of a graph, without recursion and with
 * two words a state: Pearce, "A Space-Efficient Algorithm for Finding Strongly
 * Connected Components", Information Processing Letters 116(1), 2016.
 */
export class Components {
  /** Which part each state is in; edges between different parts do not count. */
  readonly part: Int32Array;
  private parts = 0;
  /** 0 = not visited; while visited, the oldest state that is known to be reachable. */
  private readonly rank: Int32Array;
  /** The path grows from the left, states that await their component from the right. */
  private readonly stack: Int32Array;
  /** Per depth of the path: the next edge, and whether nothing older was reached. */
  private readonly next: Uint32Array;
  private readonly isRoot: Uint8Array;

  constructor(private readonly graph: StateGraph) {
    this.part = new Int32Array(graph.count);
    this.rank = new Int32Array(graph.count);
    this.stack = new Int32Array(graph.count);
    this.next = new Uint32Array(graph.count);
    this.isRoot = new Uint8Array(graph.count);
  }

  /** Makes these states a part of their own. */
  separate(members: Int32Array): number {
    this.parts++;
    for (const state of members) this.part[state] = this.parts;
    return this.parts;
  }

  /**
   * The components of a part, given all of its states. Only those in which a
   * cycle is, at least from a state to itself.
   */
  visit(members: Int32Array, found: (component: Int32Array) => void): void {
    const { part, rank, stack, next, isRoot } = this;
    const { first, target, count } = this.graph;
    for (const state of members) rank[state] = 0;
    let [index, component, top, depth] = [1, count + 1, count, 0];
    const enter = (state: number): void => {
      rank[state] = index++;
      stack[depth] = state;
      next[depth] = first[state]!;
      isRoot[depth++] = 1;
    };
    const reach = (rankReached: number): void => {
      const at = stack[depth - 1]!;
      if (rankReached >= rank[at]!) return;
      rank[at] = rankReached;
      isRoot[depth - 1] = 0;
    };
    for (const root of members) {
      if (rank[root] !== 0) continue;
      const own = part[root]!;
      enter(root);
      while (depth > 0) {
        const state = stack[depth - 1]!;
        const edge = next[depth - 1]!;
        if (edge < first[state + 1]!) {
          next[depth - 1] = edge + 1;
          const to = target[edge]!;
          if (part[to] !== own) continue;
          if (rank[to] === 0) enter(to);
          else reach(rank[to]!);
          continue;
        }
        if (isRoot[--depth]) {
          const from = top;
          while (top < count && rank[state]! <= rank[stack[top]!]!) rank[stack[top++]!] = component;
          rank[state] = component--;
          index -= top - from + 1;
          if (top > from || this.hasSelfLoop(state))
            found(joined(state, stack.subarray(from, top)));
        } else stack[--top] = state;
        if (depth > 0) reach(rank[state]!);
      }
    }
  }

  private hasSelfLoop(state: number): boolean {
    const { first, target } = this.graph;
    for (let e = first[state]!; e < first[state + 1]!; e++) if (target[e] === state) return true;
    return false;
  }
}

function joined(one: number, others: Int32Array): Int32Array {
  const all = new Int32Array(1 + others.length);
  all[0] = one;
  all.set(others, 1);
  return all;
}

/** The numbers of all states. */
export function allStates(graph: StateGraph): Int32Array {
  const all = new Int32Array(graph.count);
  for (let i = 0; i < all.length; i++) all[i] = i;
  return all;
}

/** Is there a cycle at all? What no cycle passes is taken away until nothing is left. */
export function hasCycle({ first, target, count }: StateGraph): boolean {
  const incoming = new Uint32Array(count);
  for (const to of target) incoming[to]!++;
  const queue = new Int32Array(count);
  let end = 0;
  for (let s = 0; s < count; s++) if (incoming[s] === 0) queue[end++] = s;
  for (let at = 0; at < end; at++) {
    const state = queue[at]!;
    for (let e = first[state]!; e < first[state + 1]!; e++)
      if (--incoming[target[e]!]! === 0) queue[end++] = target[e]!;
  }
  return end < count;
}
