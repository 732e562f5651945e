import { roomFor } from './footprints.js';

/** Moves in the memories in which they were looked at, in the order of that. */
export class MoveList {
  size = 0;
  private pairs: Int32Array = new Int32Array(1 << 12);

  add(memory: number, move: number): void {
    this.pairs = roomFor(this.pairs, 2 * this.size + 2);
    this.pairs[2 * this.size] = memory;
    this.pairs[2 * this.size + 1] = move;
    this.size++;
  }

  memoryOf(n: number): number {
    return this.pairs[2 * n]!;
  }
  moveOf(n: number): number {
    return this.pairs[2 * n + 1]!;
  }
}
