import type { PlainState } from './oracle.js';

/**
 * Both questions about progress, answered as their definitions read: no search
 * order, no components, one set of actors after the other.
 */
export interface ProgressFacts {
  readonly isCyclic: boolean;
  /** Fewest steps to a doomed state that is not a deadlock. */
  readonly doomed: number | undefined;
  /** Fewest steps to a state on a fair cycle. */
  readonly livelock: number | undefined;
  /** Lengths of the shortest fair loops through the states that are that near. */
  readonly loops: readonly number[];
}

type Graph = readonly PlainState[];
type Move = PlainState['moves'][number];
/** Of each state, those that a move leads to. */
type Edges = readonly (readonly number[])[];

/** Listed once: they are walked from every state. */
const edgesOf = (graph: Graph, isTaken: (move: Move) => boolean): Edges =>
  graph.map(({ moves }) => moves.filter(isTaken).map((m) => m.to));

export function progressFacts(graph: Graph, actors: number): ProgressFacts {
  const free = edgesOf(graph, (m) => m.cost === 0);
  const all = edgesOf(graph, () => true);
  const doomed = graph.findIndex(
    ({ moves }, s) => moves.length > 0 && ![s, ...beyond(s, free)].some((t) => graph[t]!.isFinal),
  );
  const fair = [...Array(2 ** actors).keys()].flatMap((movers) =>
    fairStates(graph, actors, movers),
  );
  const near = Math.min(...fair.map((s) => graph[s]!.far));
  const nearest = fair.filter((s) => graph[s]!.far === near);
  return {
    isCyclic: graph.some((_, s) => beyond(s, all).has(s)),
    doomed: graph[doomed]?.far,
    livelock: fair.length > 0 ? near : undefined,
    loops: [...new Set(nearest)].map((s) => loopLength(graph, actors, s)),
  };
}

/** What one or more moves lead to. */
function beyond(from: number, edges: Edges): Set<number> {
  const seen = new Set<number>();
  const stack = [...edges[from]!];
  for (let s; (s = stack.pop()) !== undefined;) {
    if (seen.has(s)) continue;
    seen.add(s);
    stack.push(...edges[s]!);
  }
  return seen;
}

const canMove = (state: PlainState, actor: number): boolean =>
  state.moves.some((m) => m.actor === actor && m.cost === 0);

/** States on a fair cycle in which exactly these actors move. */
function fairStates(graph: Graph, actors: number, movers: number): number[] {
  const moves = (a: number): boolean => (movers & (1 << a)) !== 0;
  const idle = [...Array(actors).keys()].filter((a) => !moves(a));
  const isAllowed = (s: number): boolean =>
    idle.every((a) => !graph[s]!.queued.includes(a) || !canMove(graph[s]!, a));
  const allowed = graph.map((_, s) => isAllowed(s));
  const edges = edgesOf(graph, (m) => moves(m.actor) && allowed[m.to]!);
  const nowhere = new Set<number>();
  const reach = graph.map((_, s) =>
    edges[s]!.length > 0 && allowed[s] ? beyond(s, edges) : nowhere,
  );
  return graph.flatMap((_, s) => {
    if (!reach[s]!.has(s)) return [];
    const component = [...reach[s]!].filter((t) => reach[t]!.has(s));
    const isMoved = (a: number): boolean =>
      component.some((t) => graph[t]!.moves.some((m) => m.actor === a && component.includes(m.to)));
    const isFair = (a: number): boolean =>
      graph[s]!.queued.includes(a) || component.some((t) => !canMove(graph[t]!, a));
    return idle.every(isFair) && [...Array(actors).keys()].every((a) => !moves(a) || isMoved(a))
      ? [s]
      : [];
  });
}

/** The shortest fair loop, by what was seen of each actor on the way. */
function loopLength(graph: Graph, actors: number, start: number): number {
  interface Walk {
    readonly at: number;
    readonly length: number;
    readonly moved: readonly boolean[];
    readonly wasAble: readonly boolean[];
    readonly wasUnable: readonly boolean[];
  }
  const all = [...Array(actors).keys()];
  const see = (w: Walk): Walk => ({
    ...w,
    wasAble: all.map((a) => w.wasAble[a]! || canMove(graph[w.at]!, a)),
    wasUnable: all.map((a) => w.wasUnable[a]! || !canMove(graph[w.at]!, a)),
  });
  const nobody = all.map(() => false);
  const queue = [see({ at: start, length: 0, moved: nobody, wasAble: nobody, wasUnable: nobody })];
  const seen = new Set<string>();
  for (const walk of queue)
    for (const move of graph[walk.at]!.moves) {
      const moved = walk.moved.map((m, a) => m || a === move.actor);
      const next = see({ ...walk, at: move.to, length: walk.length + 1, moved });
      const isFair = all.every(
        (a) =>
          moved[a] || (graph[start]!.queued.includes(a) ? !next.wasAble[a] : next.wasUnable[a]),
      );
      if (next.at === start && isFair) return next.length;
      const key = JSON.stringify([next.at, next.moved, next.wasAble, next.wasUnable]);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  return Infinity;
}
