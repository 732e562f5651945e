import { EngineError } from './errors.js';
import { Footprint } from './footprint.js';

/** What code may do with memory at this moment. */
export const CLOSED = 0;
export const READ = 1;
export const WRITE = 2;
export type Access = typeof CLOSED | typeof READ | typeof WRITE;

/** Nobody's step is running: an invariant or a condition is being decided. */
export const NOBODY = -1;

/** More than any world has that can be searched. */
const MOST_CELLS = 100_000;

/** One declared cell: a dotted name for reports, and the range it may hold. */
export interface CellInfo {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly initial: number;
}

/**
 * All shared state of a world: one flat array of small integers. Struct views
 * read and write it; nothing else holds state, so a copy of the array is a
 * snapshot and equality of arrays is equality of memories.
 */
export class Memory {
  readonly info: CellInfo[] = [];
  /** Each cell as its distance from the least value it may hold. */
  raw: Uint8Array | Uint16Array | Int32Array = new Int32Array(0);
  private offsets = new Int32Array(0);
  /** The same cells as whole words, to be hashed, compared and copied by. */
  words = new Int32Array(0);
  /** Cells read and written since clearTouched(), a bit each. */
  touched = new Footprint(0);
  /** Where it is given: addresses of the cells that are read, in order, each with its raw value. */
  log: number[] | undefined;
  access: Access = WRITE;
  private running = NOBODY;
  private sealed = false;

  /** Number of actors; fixed before any cell is declared. */
  constructor(readonly actors: number) {}

  /**
   * The actor whose guard or effect is running.
   * @throws EngineError between steps, where frames are shared by all actors,
   * and in an invariant, whose truth is kept with the memory whoever moved last.
   */
  get actor(): number {
    if (this.access === CLOSED || this.running === NOBODY)
      throw new EngineError('who is running is asked outside a step');
    return this.running;
  }
  set actor(actor: number) {
    this.running = actor;
  }

  /** Declares one cell and returns its address. */
  declare(name: string, min: number, max: number, initial: number): number {
    if (this.sealed) throw new EngineError(`cell ${name} declared after the world was sealed`);
    if (this.info.length === MOST_CELLS) throw new EngineError(`more than ${MOST_CELLS} cells`);
    if (![min, max, initial].every(Number.isInteger))
      throw new EngineError(`cell ${name}: expected what bool, int(), struct() or table() make`);
    if (!(min <= initial && initial <= max))
      throw new EngineError(`cell ${name}: initial value ${initial} outside ${min}..${max}`);
    this.info.push({ name, min, max, initial });
    return this.info.length - 1;
  }

  /** Ends declaration. All cells get the width that the widest of them needs. */
  seal(): void {
    this.sealed = true;
    const widest = Math.max(0, ...this.info.map((c) => c.max - c.min));
    const bytes = widest < 2 ** 8 ? 1 : widest < 2 ** 16 ? 2 : 4;
    this.words = new Int32Array(Math.ceil((this.info.length * bytes) / 4));
    const { buffer } = this.words;
    if (bytes === 1) this.raw = new Uint8Array(buffer);
    else this.raw = bytes === 2 ? new Uint16Array(buffer) : this.words;
    this.offsets = Int32Array.from(this.info, (c) => (bytes === 4 ? 0 : c.min));
    this.info.forEach((c, i) => (this.raw[i] = c.initial - this.offsets[i]!));
    this.touched = new Footprint(this.info.length);
  }

  /** Every cell as it is now, for reports. */
  values(): number[] {
    return this.info.map((_, i) => this.at(i));
  }

  /** A cell as it is now, for the engine: who looks leaves no trace. */
  at(address: number): number {
    return this.raw[address]! + this.offsets[address]!;
  }

  /** A value as the cell keeps it. */
  encode(address: number, value: number): number {
    return value - this.offsets[address]!;
  }

  /** Reads a cell. @throws EngineError between steps. */
  load(address: number): number {
    if (this.access === CLOSED) this.refuse('read', address);
    if (this.log) this.logRead(address);
    this.mark(this.touched.reads, address);
    return this.raw[address]! + this.offsets[address]!;
  }

  /** Writes a cell. @throws EngineError outside an effect, or out of range. */
  store(address: number, value: number): void {
    this.put(address, value);
    this.touched.writes[address >> 5]! |= 1 << address;
  }

  /**
   * Changes a cell whatever it holds, unseen by who changes it. All updates of
   * one cell must commute, whoever makes them.
   * @throws EngineError as store()
   */
  update(address: number, change: (value: number) => number): void {
    if (this.log) this.logRead(address);
    this.put(address, change(this.raw[address]! + this.offsets[address]!));
    this.mark(this.touched.updates, address);
  }

  /** What was written before tells nothing of what the cell was. */
  private mark(set: Int32Array, address: number): void {
    const at = address >> 5;
    set[at]! |= (1 << address) & ~this.touched.writes[at]!;
  }

  /** What was read or changed before is known already. */
  private logRead(address: number): void {
    const { reads, writes, updates } = this.touched;
    const at = address >> 5;
    if (((reads[at]! | writes[at]! | updates[at]!) & (1 << address)) === 0)
      this.log!.push(address, this.raw[address]!);
  }

  private put(address: number, value: number): void {
    if (this.access !== WRITE) this.refuse('written', address);
    const cell = this.info[address]!;
    if (!Number.isInteger(value) || value < cell.min || value > cell.max)
      throw new EngineError(`${cell.name} = ${value}: outside its range ${cell.min}..${cell.max}`);
    this.raw[address] = value - this.offsets[address]!;
  }

  private refuse(what: string, address: number): never {
    const name = this.info[address]?.name ?? `cell ${address}`;
    const where =
      this.access === CLOSED
        ? 'outside a step: a flow may carry only what its steps returned'
        : 'in a guard or an invariant: these only read';
    throw new EngineError(`${name} ${what} ${where}`);
  }
}
