import { meets } from '../../core/footprint.js';
import type { FootprintTable } from '../../core/footprints.js';
import type { Symmetry } from '../../core/symmetry.js';

/**
 * Does what a piece of code reads and changes correspond, cell by cell, to what
 * its image under a renaming reads and changes? If so, then that one did to the
 * image of a memory what the other did to the memory shows the same for every
 * memory in which the first reads the same values.
 */
export class Correspondence {
  private readonly words: number;
  /** Pairs of cells that are renamed together, and where their images are. */
  private readonly pairs: readonly { cells: Int32Array; images: Int32Array }[];

  constructor(
    private readonly symmetry: Symmetry,
    private readonly footprints: FootprintTable,
  ) {
    this.words = footprints.width / 3;
    this.pairs = symmetry.ranges.map((range) => {
      const cells = new Int32Array(this.words);
      for (const cell of range) cells[cell >> 5]! |= 1 << cell;
      return { cells, images: this.imageOf(cells) };
    });
  }

  /** Of the footprints with these numbers, is the second the first one's image? */
  holds(footprint: number, image: number): boolean {
    const [read, changed] = this.sets(footprint);
    const [imageRead, imageChanged] = this.sets(image);
    const readImage = this.imageOf(read);
    const isKept = this.pairs.every(
      ({ cells, images }) =>
        (!meets(imageRead, images) || contains(read, cells)) &&
        (!(meets(changed, cells) || meets(imageChanged, images)) ||
          contains(union(read, changed), cells)),
    );
    // What only one of them changes must be known from what it was.
    const changedByOne = difference(this.imageOf(changed), imageChanged);
    return isKept && contains(readImage, imageRead) && contains(readImage, changedByOne);
  }

  /** Cells whose values matter, and cells that are changed. Updates are both. */
  private sets(footprint: number): readonly [Int32Array, Int32Array] {
    const { words } = this;
    const { bits, width } = this.footprints;
    const set = (n: number): Int32Array => {
      const at = footprint * width + n * words;
      return bits.subarray(at, at + words);
    };
    return [union(set(0), set(2)), union(set(1), set(2))];
  }

  private imageOf(cells: Int32Array): Int32Array {
    const image = new Int32Array(this.words);
    this.symmetry.cells.forEach((to, from) => {
      if ((cells[from >> 5]! >> (from & 31)) & 1) image[to >> 5]! |= 1 << to;
    });
    return image;
  }
}

const union = (a: Int32Array, b: Int32Array): Int32Array => a.map((bits, i) => bits | b[i]!);
const difference = (a: Int32Array, b: Int32Array): Int32Array => a.map((bits, i) => bits ^ b[i]!);
const contains = (all: Int32Array, some: Int32Array): boolean =>
  some.every((bits, i) => (bits & ~all[i]!) === 0);
