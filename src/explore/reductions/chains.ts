import { BLOCKED, type Machine } from '../../core/machine.js';
import type { PartialOrder } from './partial-order.js';

/** No actor: here the chain ends, and its last state is stored. */
export const ENDS = 0;

/**
 * Chains: a step that is a persistent set of its own, with one outcome, is
 * taken at once, and the state before it is not stored. Its invariants are
 * checked like any other's.
 *
 * Yorav, Grumberg: Static Analysis for State-Space Reductions Preserving
 * Temporal Logics, FMSD 25, 2004 (path reduction).
 *
 * Proviso: every cycle has a state that is stored, or a chain would never end.
 * A cycle restarts a frame, so chains end where that leads to.
 */
export class Chains {
  constructor(
    private readonly machine: Machine,
    private readonly order: PartialOrder,
    /** Columns that may move at all, a bit each. */
    private readonly moving: number,
  ) {}

  /** The column that goes on after column `last` has moved, itself if it can; or ENDS. */
  next(row: Int32Array, last: number): number {
    const { machine, order } = this;
    if (machine.touches.isRetried[row[last]!] === true) return ENDS;
    const unfinished = this.unfinished(row);
    for (let i = 0; i < row.length; i++) {
      const a = i === 0 ? last : i;
      if (i === last || ((unfinished >> a) & 1) === 0 || machine.options[row[a]!] !== 1) continue;
      if (machine.moves.memoryAt(machine.look(row[0]!, row[a]!)) === BLOCKED) continue;
      if (order.isAlone(row, a, unfinished)) return a;
    }
    return ENDS;
  }

  private unfinished(row: Int32Array): number {
    let columns = 0;
    for (let a = 1; a < row.length; a++) if (this.machine.options[row[a]!] !== 0) columns |= 1 << a;
    return columns & this.moving;
  }
}
