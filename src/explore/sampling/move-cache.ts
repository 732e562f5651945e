import { BLOCKED, type Machine } from '../../core/machine.js';
import type { Checker } from './checker.js';
import type { Integers } from './integers.js';

/** Bit of a place: the actor's next step has several outcomes. */
export const CHOICE = 1;
/** Bit of a place: the actor has finished. */
export const DONE = 2;
/** Low bits of a place that are not its node. */
export const PLACE_BITS = 2;

/** Bit of `after`: the step is blocked, and nothing is moved. */
export const REFUSED = 1;
/** Bit of `after`: the memory breaks something. The same bit as DONE. */
export const BROKEN = 2;
/** Low bits of `after` that are not the memory. */
export const AFTER_BITS = 2;

/** Words of an entry, as a shift: memory, place; after, place after. */
export const ENTRY_SHIFT = 2;
const WORDS = 1 << ENTRY_SHIFT;
const FREE = -1;

/**
 * What steps without outcomes do, with all that a walk asks of them in the same
 * line of the processor's cache: whether the actor is then done, and whether the
 * memory is sound. A blocked step is one that leads back to where it is, so that
 * a walk need not branch on what cannot be predicted.
 *
 * A place is an actor's node with the bits above.
 */
export class MoveCache {
  mask = (1 << 12) - 1;
  /** One more than there are slots: the last holds what was chosen last. */
  entries = tableOf(this.mask);
  private count = 0;

  constructor(
    private readonly machine: Machine,
    private readonly checker: Checker,
  ) {}

  placeOf(node: number): number {
    const count = this.machine.options[node]!;
    return (node << PLACE_BITS) | (count === 0 ? DONE : count > 1 ? CHOICE : 0);
  }

  /**
   * Offset of the entry, made now if need be. It is next to where it was looked
   * for, or it is new; `entries` and `mask` may have been replaced.
   */
  find(memory: number, place: number): number {
    const { entries, mask } = this;
    for (let slot = hash(memory, place); ; slot++) {
      const at = (slot & mask) * WORDS;
      if (entries[at] === memory && entries[at + 1] === place) return at;
      if (entries[at] === FREE) return this.add(memory, place);
    }
  }

  /** Offset of what an outcome does that is drawn among those that are enabled. */
  choose(memory: number, place: number, random: Integers): number {
    const { machine } = this;
    const node = place >> PLACE_BITS;
    const at = (this.mask + 1) * WORDS;
    let enabled = 0;
    for (let option = 0; option < machine.options[node]!; option++)
      if (this.isOpen(memory, node + option)) enabled++;
    if (enabled === 0) return this.set(at, memory, place, -1);
    let drawn = random.below(enabled);
    for (let option = 0; ; option++)
      if (this.isOpen(memory, node + option) && drawn-- === 0)
        return this.set(at, memory, place, machine.look(memory, node + option));
  }

  private add(memory: number, place: number): number {
    const { moves } = this.machine;
    const move = this.machine.look(memory, place >> PLACE_BITS);
    if (++this.count * 2 > this.mask) this.grow();
    const at = this.freeAt(memory, place);
    this.entries[at] = memory;
    this.entries[at + 1] = place;
    return this.set(at, memory, place, moves.memoryAt(move) === BLOCKED ? -1 : move);
  }

  /** Fills in what the move at this offset does; -1 for nothing. */
  private set(at: number, memory: number, place: number, move: number): number {
    const { entries, machine } = this;
    if (move < 0) {
      entries[at + 2] = (memory << AFTER_BITS) | REFUSED;
      entries[at + 3] = place;
      return at;
    }
    const after = machine.moves.memoryAt(move);
    const broken = this.checker.state(after) === undefined ? 0 : BROKEN;
    entries[at + 2] = (after << AFTER_BITS) | broken;
    entries[at + 3] = this.placeOf(machine.moves.nodeAt(move));
    return at;
  }

  private isOpen(memory: number, move: number): boolean {
    return this.machine.moves.memoryAt(this.machine.look(memory, move)) !== BLOCKED;
  }

  private freeAt(memory: number, place: number): number {
    let slot = hash(memory, place);
    while (this.entries[(slot & this.mask) * WORDS] !== FREE) slot++;
    return (slot & this.mask) * WORDS;
  }

  private grow(): void {
    const old = this.entries;
    this.mask = this.mask * 2 + 1;
    this.entries = tableOf(this.mask);
    for (let at = 0; at < old.length - WORDS; at += WORDS)
      if (old[at] !== FREE)
        this.entries.set(old.subarray(at, at + WORDS), this.freeAt(old[at]!, old[at + 1]!));
  }
}

/** As in the machine's own table (moves.ts): an actor's next step lies next to its last. */
export function hash(memory: number, place: number): number {
  const h = Math.imul(memory, 0x9e3779b1);
  return (h ^ (h >>> 15)) + (place >> PLACE_BITS);
}

function tableOf(mask: number): Int32Array {
  return new Int32Array(WORDS * (mask + 2)).fill(FREE);
}
