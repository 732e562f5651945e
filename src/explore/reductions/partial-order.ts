import type { Interference } from './interference.js';

/**
 * Persistent sets: a set of actors such that nothing that the others can do,
 * as long as these do not move, touches what their next steps touch. It is then
 * enough to try the steps of these actors; every deadlock, every final state
 * and, with the proviso, every violation is met all the same.
 *
 * Godefroid: Partial-Order Methods for the Verification of Concurrent Systems,
 * LNCS 1032, 1996, chapter 4 (conflicting transitions). Locks narrow what the
 * others can do: an actor that needs a lock which one of the set holds comes no
 * further than that.
 *
 * Proviso (kept by the search): every cycle passes a state in which all actors
 * are tried, or a step could be put off for ever. The search is depth-first; a
 * step that leads back to its path has the rest tried as well.
 */
export class PartialOrder {
  constructor(private readonly others: Interference) {}

  /** Is the actor in column `a` a persistent set of its own? */
  isAlone(row: Int32Array, a: number, unfinished: number): boolean {
    return this.others.inTheWay(row, a, unfinished & ~(1 << a)) === 0;
  }

  /**
   * A persistent set with fewest actors that can move, as a bit mask of columns.
   * @param enabled columns that can move, `unfinished` those not at their end.
   */
  smallest(row: Int32Array, enabled: number, unfinished: number): number {
    let best = unfinished;
    let least = bits(enabled);
    for (let seed = 1; seed < row.length && least > 1; seed++) {
      if (((enabled >> seed) & 1) === 0) continue;
      const set = this.closure(row, seed, unfinished);
      if (bits(set & enabled) >= least) continue;
      best = set;
      least = bits(set & enabled);
    }
    return best;
  }

  private closure(row: Int32Array, seed: number, unfinished: number): number {
    let set = 1 << seed;
    let todo = set;
    while (todo !== 0) {
      const a = 31 - Math.clz32(todo);
      todo &= ~(1 << a);
      const more = this.others.inTheWay(row, a, unfinished & ~set);
      set |= more;
      todo |= more;
    }
    return set;
  }
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
