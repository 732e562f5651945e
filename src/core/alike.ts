import { meets } from './footprint.js';

/**
 * Groups of cells of things that are all alike, such as spare page frames: who
 * may touch one of a group may as well touch the others. To take that for
 * granted errs on the safe side, and spares a search from learning it late.
 */
export class Alike {
  private readonly groups: readonly Int32Array[];

  /** @param groups addresses; @param words of a set of cells. */
  constructor(groups: readonly (readonly number[])[], words: number) {
    this.groups = groups.map((cells) => {
      const bits = new Int32Array(words);
      for (const cell of cells) bits[cell >> 5]! |= 1 << cell;
      return bits;
    });
  }

  /** Adds to a set of cells those that are like one in it. */
  widen(set: Int32Array): void {
    for (const group of this.groups)
      if (meets(group, set)) for (let i = 0; i < set.length; i++) set[i]! |= group[i]!;
  }
}
