import { meets } from '../../core/footprint.js';
import type { Symmetry } from '../../core/symmetry.js';

/** What a renaming makes of footprints, and of the cells in them. */
export class Correspondence {
  /** Pairs of cells that are renamed together. */
  private readonly pairs: readonly Int32Array[];

  /** @param words of one set of cells; a footprint has three. */
  constructor(
    private readonly symmetry: Symmetry,
    private readonly words: number,
  ) {
    this.pairs = symmetry.ranges.map((range) => {
      const cells = new Int32Array(words);
      for (const cell of range) cells[cell >> 5]! |= 1 << cell;
      return cells;
    });
  }

  /**
   * Is one footprint the other's image, cell by cell? If so, then that two pieces
   * of code did the same but for names in a memory and in its image shows it for
   * every memory in which the first reads the same values.
   */
  holds(footprint: Int32Array, image: Int32Array): boolean {
    return this.isWhole(footprint) && this.imageOf(footprint).every((bits, i) => bits === image[i]);
  }

  /** Of a footprint, or of a set of cells. */
  imageOf(bits: Int32Array): Int32Array {
    return this.moved(bits, (from, to) => [from, to]);
  }

  /** The least footprint whose image has all of these bits; pairs are read whole. */
  preimageOf(bits: Int32Array): Int32Array {
    const preimage = this.moved(bits, (from, to) => [to, from]);
    for (const pair of this.pairs)
      if (this.sets(preimage).some((set) => meets(set, pair)))
        pair.forEach((cells, i) => (preimage[i]! |= cells));
    return preimage;
  }

  /** What a pair becomes depends on both of it: is it known, or changed, as a whole? */
  private isWhole(footprint: Int32Array): boolean {
    const [reads, writes, updates] = this.sets(footprint);
    const known = reads!.map((bits, i) => bits | updates![i]!);
    return this.pairs.every(
      (pair) =>
        (!meets(known, pair) || contains(known, pair)) &&
        (!meets(writes!, pair) || contains(writes!, pair) || contains(known, pair)),
    );
  }

  private sets(footprint: Int32Array): readonly Int32Array[] {
    const { words } = this;
    return Array.from({ length: footprint.length / words }, (_, n) =>
      footprint.subarray(n * words, (n + 1) * words),
    );
  }

  private moved(
    bits: Int32Array,
    way: (cell: number, image: number) => readonly [number, number],
  ): Int32Array {
    const out = new Int32Array(bits.length);
    this.symmetry.cells.forEach((image, cell) => {
      const [from, to] = way(cell, image);
      for (let at = 0; at < bits.length; at += this.words)
        if ((bits[at + (from >> 5)]! >> (from & 31)) & 1) out[at + (to >> 5)]! |= 1 << to;
    });
    return out;
  }
}

const contains = (all: Int32Array, some: Int32Array): boolean =>
  some.every((bits, i) => (bits & ~all[i]!) === 0);
