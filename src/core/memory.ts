import { EngineError } from './errors.js';

/** What code may do with memory at this moment. */
export const CLOSED = 0;
export const READ = 1;
export const WRITE = 2;
export type Access = typeof CLOSED | typeof READ | typeof WRITE;

/** Nobody's step is running: an invariant or a condition is being decided. */
export const NOBODY = -1;

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
  cells: Int16Array | Int32Array = new Int32Array(0);
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
    if (!(min <= initial && initial <= max))
      throw new EngineError(`cell ${name}: initial value ${initial} outside ${min}..${max}`);
    this.info.push({ name, min, max, initial });
    return this.info.length - 1;
  }

  /**
   * Ends declaration. Cells are 16 bits wide unless one needs more. The array
   * is padded to whole 32-bit words, so that it can be hashed by words.
   */
  seal(): void {
    this.sealed = true;
    const narrow = this.info.every((c) => c.min >= -32768 && c.max <= 32767);
    const padded = narrow ? (this.info.length + 1) & ~1 : this.info.length;
    this.cells = narrow ? new Int16Array(padded) : new Int32Array(padded);
    this.info.forEach((c, i) => (this.cells[i] = c.initial));
  }

  /** Reads a cell. @throws EngineError between steps. */
  load(address: number): number {
    if (this.access === CLOSED) this.refuse('read', address);
    return this.cells[address] as number;
  }

  /** Writes a cell. @throws EngineError outside an effect, or out of range. */
  store(address: number, value: number): void {
    if (this.access !== WRITE) this.refuse('written', address);
    const cell = this.info[address]!;
    if (!Number.isInteger(value) || value < cell.min || value > cell.max)
      throw new EngineError(`${cell.name} = ${value}: outside its range ${cell.min}..${cell.max}`);
    this.cells[address] = value;
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
