import { addBits } from '../core/footprint.js';
import type { Machine } from '../core/machine.js';

const UNKNOWN = 0;
const FALSE = 1;
const TRUE = 2;

/** Memo of the condition's truth, per memory. */
export class ConditionTable {
  /** Cells that it has read so far. */
  readonly cells: Int32Array;
  private known = new Uint8Array(1024);

  constructor(private readonly machine: Machine) {
    this.cells = new Int32Array(machine.world.memory.touched.reads.length);
  }

  holds(memory: number): boolean {
    const known = this.known[memory] ?? UNKNOWN;
    return known === UNKNOWN ? this.decide(memory) : known === TRUE;
  }

  private decide(memory: number): boolean {
    const { machine } = this;
    const truth = machine.inspect(memory, machine.world.condition!.holds);
    if (addBits(this.cells, machine.world.memory.touched.reads)) machine.touches.seen++;
    if (memory >= this.known.length) this.grow(memory);
    this.known[memory] = truth ? TRUE : FALSE;
    return truth;
  }

  private grow(memory: number): void {
    const longer = new Uint8Array(Math.max(2 * this.known.length, memory + 1));
    longer.set(this.known);
    this.known = longer;
  }
}
