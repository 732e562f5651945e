import { addBits } from '../core/footprint.js';
import type { Machine } from '../core/machine.js';

/** Memo of the condition's truth, per memory. */
export class ConditionTable {
  /** Cells that it has read so far. */
  readonly cells: Int32Array;
  private readonly known = new Map<number, boolean>();

  constructor(private readonly machine: Machine) {
    this.cells = new Int32Array(machine.world.memory.touched.reads.length);
  }

  holds(memory: number): boolean {
    let truth = this.known.get(memory);
    if (truth === undefined) {
      const { machine } = this;
      truth = machine.inspect(memory, machine.world.condition!.holds);
      if (addBits(this.cells, machine.world.memory.touched.reads)) machine.touches.seen++;
      this.known.set(memory, truth);
    }
    return truth;
  }
}
