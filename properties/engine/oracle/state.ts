export interface Frame {
  f: number;
  arg: number;
  given: number[];
}
export interface Actor {
  op: number;
  frames: Frame[];
}
export interface State {
  cells: number[];
  locks: { writer: number; readers: number[]; queued: number[] }[];
  /** Per actor: no snapshot, one that stands, one that is out of date. */
  seq: ('none' | 'same' | 'old')[];
  /** Last the one that belongs to nobody. */
  refs: number[];
  budget: number;
  results: (number | null)[][];
  actors: Actor[];
}

/** By hand: structuredClone() takes longer than all the rest of the explorer. */
export function copyOf(s: State): State {
  return {
    cells: [...s.cells],
    locks: s.locks.map((l) => ({
      writer: l.writer,
      readers: [...l.readers],
      queued: [...l.queued],
    })),
    seq: [...s.seq],
    refs: [...s.refs],
    budget: s.budget,
    results: s.results.map((of) => [...of]),
    actors: s.actors.map(({ op, frames }) => ({
      op,
      frames: frames.map(({ f, arg, given }) => ({ f, arg, given: [...given] })),
    })),
  };
}
