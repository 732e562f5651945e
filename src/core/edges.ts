/** Stands where there is no edge: no move has the number -1. */
export const NO_EDGE = 0;

/**
 * Interns pairs of a move and the local node after it. A move leads to few
 * nodes, one per value that it may observe, so a word is enough for both.
 */
export class Edges {
  /** Per edge: its move, and the node after it. */
  pairs = new Int32Array(2 << 8);
  private count = 1;
  /** Per move its latest edge, and per edge the one of that move before. */
  private readonly latest: number[] = [];
  private readonly before: number[] = [];

  constructor() {
    this.pairs[0] = -1;
  }

  intern(move: number, node: number): number {
    let edge = this.latest[move] ?? NO_EDGE;
    while (edge !== NO_EDGE && this.pairs[edge * 2 + 1] !== node) edge = this.before[edge]!;
    return edge === NO_EDGE ? this.add(move, node) : edge;
  }

  get bytes(): number {
    return this.pairs.byteLength;
  }

  private add(move: number, node: number): number {
    const edge = this.count++;
    if (edge * 2 === this.pairs.length) {
      const pairs = new Int32Array(edge * 4);
      pairs.set(this.pairs);
      this.pairs = pairs;
    }
    this.pairs[edge * 2] = move;
    this.pairs[edge * 2 + 1] = node;
    this.before[edge] = this.latest[move] ?? NO_EDGE;
    this.latest[move] = edge;
    return edge;
  }
}
