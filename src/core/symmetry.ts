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
