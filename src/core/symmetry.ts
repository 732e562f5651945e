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

/** A symmetry made fast: cells move, and their values go through tables. */
export class Renaming {
  readonly actors: Int32Array;
  private readonly cells: Int32Array;
  private readonly values: (Int32Array | undefined)[];

  constructor(
    private readonly memory: Memory,
    private readonly symmetry: Symmetry,
  ) {
    this.actors = Int32Array.from(symmetry.actors);
    this.cells = Int32Array.from(symmetry.cells);
    this.values = memory.info.map(({ min, max }, cell) => {
      if (max - min > 1024) return undefined;
      const images = Int32Array.from(
        { length: max - min + 1 },
        (_, i) => symmetry.value(cell, min + i) - min,
      );
      return images.every((image, i) => image === i) ? undefined : images;
    });
  }

  /** Writes the image of the current memory into `out`, which is laid out alike. */
  into(out: Memory['raw']): void {
    const { cells, values, memory, symmetry } = this;
    const from = memory.raw;
    for (let i = 0; i < cells.length; i++) {
      const raw = from[i]!;
      out[cells[i]!] = values[i]?.[raw] ?? raw;
    }
    for (const [first, end] of symmetry.ranges) {
      const image = symmetry.range(memory.at(first), memory.at(end));
      out[first] = memory.encode(first, image[0]);
      out[end] = memory.encode(end, image[1]);
    }
  }
}
