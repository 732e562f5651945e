import type { Footprint } from './footprint.js';
import { roomFor, UNKNOWN, type FootprintTable } from './footprints.js';

const WORDS = 4;

/**
 * What each move touched in each memory: not the union over all memories, but
 * exactly the cells that it read, wrote and updated there.
 * Code that takes another branch touches other cells; as long as nobody changes
 * a cell that it reads, it takes the same one.
 */
export class ExactTouches {
  private entries: Int32Array = new Int32Array(WORDS << 12).fill(UNKNOWN);
  private mask = (1 << 12) - 1;
  private count = 0;
  /** Memory and move of each, in the order in which they were learnt. */
  private pairs: Int32Array = new Int32Array(1 << 12);

  constructor(readonly footprints: FootprintTable) {}

  setMove(memory: number, move: number, touched: Footprint): void {
    this.pairs = roomFor(this.pairs, 2 * this.count + 2);
    this.pairs[2 * this.count] = memory;
    this.pairs[2 * this.count + 1] = move;
    if (++this.count * 2 > this.mask) this.grow();
    this.put(memory, move, this.footprints.intern(touched));
  }

  /** Number of the move's footprint in this memory, or UNKNOWN. */
  move(memory: number, move: number): number {
    const { entries, mask } = this;
    for (let slot = hash(memory, move) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (entries[at] === memory && entries[at + 1] === move) return entries[at + 2]!;
      if (entries[at] === UNKNOWN) return UNKNOWN;
    }
  }

  /** How many moves have been learnt. */
  get size(): number {
    return this.count;
  }
  memoryOf(n: number): number {
    return this.pairs[2 * n]!;
  }
  moveOf(n: number): number {
    return this.pairs[2 * n + 1]!;
  }

  private put(memory: number, move: number, footprint: number): void {
    const { entries, mask } = this;
    let slot = hash(memory, move) & mask;
    while (entries[slot * WORDS] !== UNKNOWN) slot = (slot + 1) & mask;
    entries[slot * WORDS] = memory;
    entries[slot * WORDS + 1] = move;
    entries[slot * WORDS + 2] = footprint;
  }

  private grow(): void {
    const old = this.entries;
    this.mask = this.mask * 2 + 1;
    this.entries = new Int32Array(WORDS * (this.mask + 1)).fill(UNKNOWN);
    for (let at = 0; at < old.length; at += WORDS)
      if (old[at] !== UNKNOWN) this.put(old[at]!, old[at + 1]!, old[at + 2]!);
  }
}

function hash(memory: number, move: number): number {
  const h = Math.imul(memory, 0x9e3779b1);
  return (h ^ (h >>> 15)) + move;
}
