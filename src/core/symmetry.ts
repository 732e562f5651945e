import type { Memory } from './memory.js';

/**
 * A renaming of a world that may leave everything as it is but for names:
 * actors who run the same program on things of the same kind.
 */
export interface Symmetry {
  /** Image of each actor. */
  readonly actors: readonly number[];
  /** Image of each cell. */
  readonly cells: readonly number[];
  /** What a cell's value becomes; the cell is where it was before. */
  readonly value: (cell: number, value: number) => number;
  /** Pairs of cells that hold first and end of a range, and what the two become. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly range: (first: number, end: number) => readonly [number, number];
}

/** A symmetry made fast: a list of the cells that move or whose values change. */
export class Renaming {
  readonly actors: Int32Array;
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private readonly values: (Int32Array | undefined)[] = [];

  constructor(
    private readonly memory: Memory,
    readonly symmetry: Symmetry,
  ) {
    this.actors = Int32Array.from(symmetry.actors);
    memory.info.forEach(({ min, max }, cell) => {
      const length = max - min > 1024 ? 0 : max - min + 1;
      const images = Int32Array.from({ length }, (_, i) => symmetry.value(cell, min + i) - min);
      const isKept = images.every((image, i) => image === i);
      if (isKept && symmetry.cells[cell] === cell) return;
      this.from.push(cell);
      this.to.push(symmetry.cells[cell]!);
      this.values.push(isKept ? undefined : images);
    });
  }

  /**
   * The whole of it as one permutation: of actors, of each cell's values, and of
   * what each pair may be. Renamings with the same one are the same.
   */
  get permutation(): Int32Array {
    const { info } = this.memory;
    const { actors, cells, ranges, range, value } = this.symmetry;
    const images = [...actors];
    const sizes = info.map(({ min, max }) => (max - min > 1024 ? 1 : max - min + 1));
    const bases: number[] = [];
    sizes.reduce((base, size, cell) => ((bases[cell] = base), base + size), images.length);
    sizes.forEach((size, cell) => {
      const { min } = info[cell]!;
      for (let i = 0; i < size; i++)
        images.push(bases[cells[cell]!]! + (size === 1 ? 0 : value(cell, min + i) - min));
    });
    for (const [first, end] of ranges) {
      const base = images.length;
      const [low, lowEnd] = [info[first]!.min, info[end]!.min];
      for (let f = 0; f < sizes[first]!; f++)
        for (let e = 0; e < sizes[end]!; e++) {
          const [f1, e1] = range(low + f, lowEnd + e);
          images.push(base + (f1 - low) * sizes[end]! + (e1 - lowEnd));
        }
    }
    return Int32Array.from(images);
  }

  /** Writes the image of the current memory into `out`, which is laid out alike. */
  into(out: Memory['raw']): void {
    const { from, to, values, memory, symmetry } = this;
    const { raw } = memory;
    out.set(raw);
    for (let i = 0; i < from.length; i++) {
      const value = raw[from[i]!]!;
      const images = values[i];
      out[to[i]!] = images ? images[value]! : value;
    }
    for (const [first, end] of symmetry.ranges) {
      const image = symmetry.range(memory.at(first), memory.at(end));
      out[first] = memory.encode(first, image[0]);
      out[end] = memory.encode(end, image[1]);
    }
  }
}
