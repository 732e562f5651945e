import type { Machine } from '../core/machine.js';
import { IntList } from '../explore/ints.js';

/**
 * The moves that a machine learns, in order: two words each, the memory and the
 * move. A machine is a function of that order: whoever repeats it gets the same
 * memories, local states and numbers.
 */
export class Journal {
  private fresh = new IntList();

  constructor(machine: Machine) {
    machine.moves.journal = (memory, move) => {
      this.fresh.push(memory);
      this.fresh.push(move);
    };
  }

  /** What is new since `forget` was last called. */
  unsaved(): Iterable<Int32Array> {
    return this.fresh.parts();
  }

  forget(): void {
    this.fresh = new IntList();
  }
}

/** Repeats a journal on a fresh machine; stops at what does not fit it. */
export function relearn(machine: Machine, journal: Iterable<Int32Array>): void {
  for (const part of journal)
    for (let i = 0; i + 1 < part.length; i += 2) {
      const [memory, move] = [part[i]!, part[i + 1]!];
      const isKnown = memory >= 0 && memory < machine.memories.count;
      if (!isKnown || !machine.options[move]) return;
      machine.look(memory, move);
    }
}
