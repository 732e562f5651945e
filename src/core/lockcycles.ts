import type { Acquisition, Nesting } from './lockorder.js';

/** Does a waiter at `taken` wait for whoever holds `held`? */
type Blocks = (taken: Acquisition, held: Acquisition) => boolean;

/** Without the help of a third actor. */
const atOnce: Blocks = (taken, held) =>
  held.mode === 'exclusive' || taken.mode === 'exclusive' || taken.mode === 'synchronize';

/**
 * The rule of lockdep (Documentation/locking/lockdep-design.rst, "strong"
 * dependency paths): only a recursive read passes by a reader. Any other read
 * may find a writer queued before it that waits for that reader.
 */
const somehow: Blocks = (taken, held) => held.mode === 'exclusive' || taken.mode !== 'recursive';

/** Is this a reader that waits for a reader, because a writer is queued between them? */
export function needsWriter(taken: Acquisition, held: Acquisition): boolean {
  return somehow(taken, held) && !atOnce(taken, held);
}

/**
 * Every cycle of lock classes that could block, once: the nestings in order,
 * each taking the class that the next one holds. A cycle of one is a class
 * nested in itself. Each dependency that is in a cycle is in one of these.
 */
export function lockCycles<N extends Nesting>(nestings: readonly N[]): N[][] {
  const cycles = new Map<string, N[]>();
  const edges = firstOfEach(nestings);
  for (const blocks of [atOnce, somehow])
    for (const edge of edges) {
      const cycle = shortestFrom(edge, edges, blocks);
      if (!cycle || !isSimple(cycle)) continue;
      const rotated = rotate(cycle);
      const key = rotated.map((n) => n.held.class).join('\n');
      if (!cycles.has(key)) cycles.set(key, rotated);
    }
  return [...cycles.values()].toSorted((a, b) => a.length - b.length);
}

/** One nesting of each kind, by classes and modes: others change no cycle. */
function firstOfEach<N extends Nesting>(nestings: readonly N[]): N[] {
  const first = new Map<string, N>();
  for (const n of nestings) {
    const key = [n.held.class, n.held.mode, n.taken.class, n.taken.mode].join('\n');
    if (!first.has(key)) first.set(key, n);
  }
  return [...first.values()];
}

/** Breadth-first over dependencies, from one of them back to itself. */
function shortestFrom<N extends Nesting>(
  start: N,
  edges: readonly N[],
  blocks: Blocks,
): N[] | undefined {
  const leadsTo = (a: N, b: N): boolean =>
    a.taken.class === b.held.class && blocks(a.taken, b.held);
  const paths: N[][] = [[start]];
  const seen = new Set<N>([start]);
  for (const path of paths) {
    const last = path.at(-1)!;
    if (leadsTo(last, start)) return path;
    for (const next of edges)
      if (!seen.has(next) && leadsTo(last, next)) {
        seen.add(next);
        paths.push([...path, next]);
      }
  }
  return undefined;
}

/** A cycle that comes by a class twice contains a shorter one that blocks, too. */
function isSimple(cycle: readonly Nesting[]): boolean {
  return new Set(cycle.map((n) => n.held.class)).size === cycle.length;
}

/** The same cycle from its alphabetically first class on. */
function rotate<N extends Nesting>(cycle: readonly N[]): N[] {
  const first = cycle.reduce((at, n, i) => (n.held.class < cycle[at]!.held.class ? i : at), 0);
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}
