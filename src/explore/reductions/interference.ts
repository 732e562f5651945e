import { conflict } from '../../core/footprint.js';
import { UNKNOWN } from '../../core/footprints.js';
import type { Machine } from '../../core/machine.js';
import type { ExactTouches } from '../../core/exact.js';
import { Futures } from './futures.js';

/**
 * Can what an actor may ever do, as long as another one waits, matter to that
 * one's next step?
 *
 * The next step's footprint is the one that it has in this very memory: as long
 * as nobody changes a cell that it reads it touches no other. What the others
 * do is the union over all that they may come by.
 *
 * A step that changes cells of a property is also taken to read all that the
 * property was decided by in this memory. Then others cannot break it without
 * the step, and it does not matter that it comes first; or it does, and both
 * orders are tried.
 */
export class Interference {
  private readonly futures: Futures;
  private readonly exact: ExactTouches;
  private readonly retried: number;
  private readonly seen: number;
  /** Per footprint: the properties whose cells it changes, as a bit mask. */
  private readonly changedBy: (number | undefined)[] = [];

  constructor(
    private readonly machine: Machine,
    /** Cells that the condition reads, where it is checked in every state. */
    private readonly condition: Int32Array | undefined,
  ) {
    this.futures = new Futures(machine);
    this.exact = machine.touches.keepExact();
    this.retried = machine.touches.retried;
    this.seen = machine.touches.seen;
  }

  /** Does all that was answered still hold, with what was learnt since? */
  isUpToDate(): boolean {
    const { touches } = this.machine;
    return (
      touches.retried === this.retried && touches.seen === this.seen && this.futures.isUpToDate()
    );
  }

  /** May the actor at `other` interfere with the pending step of `node` in this memory? */
  interferes(other: number, memory: number, node: number): boolean {
    const { futures, machine } = this;
    if (other >= futures.count || node >= futures.count) return true;
    const future = futures.beside(node);
    const count = machine.options[node]!;
    for (let option = 0; option < count; option++)
      if (this.conflicts(future, other, memory, node + option)) return true;
    return false;
  }

  private conflicts(future: Int32Array, other: number, memory: number, move: number): boolean {
    const { exact, machine, futures } = this;
    const { words } = futures;
    const theirs = other * 3 * words;
    const id = exact.move(memory, move);
    if (id === UNKNOWN) return true;
    const { bits, width } = exact.footprints;
    if (conflict(bits, id * width, future, theirs, words)) return true;
    let changed = (this.changedBy[id] ??= this.changedProperties(bits, id * width));
    for (; changed !== 0; changed &= changed - 1) {
      const property = 31 - Math.clz32(changed & -changed);
      const support = exact.property(memory, property);
      const { properties } = machine.touches;
      if (support !== UNKNOWN) {
        if (isChanged(bits, support * width, future, theirs, words)) return true;
      } else if (isChanged(properties[property] ?? this.condition!, 0, future, theirs, words))
        return true;
    }
    return false;
  }

  private changedProperties(bits: Int32Array, at: number): number {
    const { words } = this.futures;
    const { properties } = this.machine.touches;
    let mask = 0;
    const visible = this.condition ? [...properties, this.condition] : properties;
    visible.forEach((cells, i) => {
      if (isChanged(cells, 0, bits, at, words)) mask |= 1 << i;
    });
    return mask;
  }
}

/** Does a footprint write or update any of these cells? */
function isChanged(
  cells: Int32Array,
  atCells: number,
  footprint: Int32Array,
  at: number,
  words: number,
): boolean {
  for (let i = 0; i < words; i++)
    if (cells[atCells + i]! & (footprint[at + words + i]! | footprint[at + 2 * words + i]!))
      return true;
  return false;
}
