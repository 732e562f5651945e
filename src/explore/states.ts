import { EngineError } from '../core/errors.js';
import { NEW, UNKNOWN, type Batch } from './table/batch.js';
import { hashRow } from './table/hash.js';
import { Parents } from './table/parents.js';
import { Rows } from './table/rows.js';
import type { Visited } from './visited.js';

export { hashMemory, hashNode, hashRow } from './table/hash.js';

const MOST_BITS = 30;
/** A quarter of the slots stays free. */
const LOAD = 0.75;
const FREE = 0;
/** States that are hashed together while the table grows. */
const TOGETHER = 256;

/**
 * Exact visited set. A state is the memory's number, then one local node per
 * actor. The hash table holds numbers of states, plus one, whose spare high bits
 * carry part of the hash: that settles nearly every mismatch without a look at
 * the state itself.
 */
export class StateTable implements Visited {
  /** Changes when what locate() found out cannot be gone on from. */
  epoch = 0;
  private readonly rows: Rows;
  private readonly parents = new Parents();
  private bits = 12;
  private slots = new Int32Array(1 << 12);
  /** Keeps reads for their own sake from being optimized away. */
  private sink = 0;

  /** @param width components of a state: the memory and the actors. */
  constructor(readonly width: number) {
    this.rows = new Rows(width);
  }

  get count(): number {
    return this.rows.count;
  }

  /** Copies state `id` into `row`, from `at` on. */
  read(id: number, row: Int32Array, at = 0): void {
    this.rows.read(id, row, at);
  }

  parent(id: number): number {
    return this.parents.at(id);
  }

  /** Adds a state unless it is there. Returns its number if new, else ~(its number). */
  add(row: Int32Array, hash: number, parent: number): number {
    if (!this.rows.pack(row) && this.rows.admit(row)) this.epoch++;
    const { slots, rows } = this;
    const mask = slots.length - 1;
    const tag = hash & ~mask;
    let slot = home(hash) & mask;
    for (let entry; (entry = slots[slot]!) !== FREE; slot = (slot + 1) & mask)
      if ((entry & ~mask) === tag && rows.isPackedAt((entry & mask) - 1)) return -(entry & mask);
    rows.push();
    return this.enter(slot, tag, parent);
  }

  /** The number of a state, or -1 where it was never added. */
  find(row: Int32Array, hash: number): number {
    const { slots, rows } = this;
    if (!rows.pack(row)) return -1;
    const mask = slots.length - 1;
    const tag = hash & ~mask;
    let slot = home(hash) & mask;
    for (let entry; (entry = slots[slot]!) !== FREE; slot = (slot + 1) & mask)
      if ((entry & ~mask) === tag && rows.isPackedAt((entry & mask) - 1)) return (entry & mask) - 1;
    return -1;
  }

  /**
   * Takes what a move of state `id` leads to into a batch, to be looked up with
   * others. False where it has a value that no state had: that can only be added.
   */
  stage(
    batch: Batch,
    id: number,
    column: number,
    memory: number,
    node: number,
    hash: number,
  ): boolean {
    if (!this.rows.packMove(batch, id, column, memory, node)) return false;
    batch.push(hash, NEW);
    return true;
  }

  /** Looks up all states of a batch, but for those that are UNKNOWN. */
  locate(batch: Batch): void {
    const { slots, rows } = this;
    const { hash, slot, id, count } = batch;
    const mask = slots.length - 1;
    let sum = touch(slots, hash, count);
    for (let i = 0; i < count; i++) {
      if (id[i] === UNKNOWN) continue;
      const tag = hash[i]! & ~mask;
      let at = home(hash[i]!) & mask;
      let entry;
      while ((entry = slots[at]!) !== FREE && (entry & ~mask) !== tag) at = (at + 1) & mask;
      slot[i] = at;
      id[i] = (entry & mask) - 1;
    }
    sum ^= rows.touch(id, count);
    for (let i = 0; i < count; i++)
      if (id[i]! >= 0 && !rows.isBatchedAt(id[i]!, batch, i)) id[i] = NEW;
    this.sink ^= sum;
  }

  /** As add(), for a state that locate() has not found, while the epoch is the same. */
  addLocated(batch: Batch, index: number, parent: number): number {
    const { slots, rows } = this;
    const mask = slots.length - 1;
    const tag = batch.hash[index]! & ~mask;
    let slot = batch.slot[index]!;
    for (let entry; (entry = slots[slot]!) !== FREE; slot = (slot + 1) & mask)
      if ((entry & ~mask) === tag && rows.isBatchedAt((entry & mask) - 1, batch, index))
        return -(entry & mask);
    rows.pushBatched(batch, index);
    return this.enter(slot, tag, parent);
  }

  /** Bytes held, for the benchmark. */
  get bytes(): number {
    return this.rows.bytes + this.parents.bytes + this.slots.byteLength;
  }

  /** Enters the row that was appended last. */
  private enter(slot: number, tag: number, parent: number): number {
    const { slots } = this;
    const { count } = this.rows;
    this.parents.push(parent);
    slots[slot] = tag | count;
    if (count > slots.length * LOAD) this.grow();
    return count - 1;
  }

  private grow(): void {
    if (this.bits === MOST_BITS) throw new EngineError(`more than ${this.count} states`);
    this.bits++;
    this.epoch++;
    // The old slots go first: at no time are there both.
    this.slots = new Int32Array(0);
    this.slots = new Int32Array(2 ** this.bits);
    const hashes = new Int32Array(TOGETHER);
    const row = new Int32Array(this.width);
    for (let from = 0; from < this.count; from += TOGETHER) {
      const count = Math.min(TOGETHER, this.count - from);
      for (let i = 0; i < count; i++) {
        this.rows.read(from + i, row, 0);
        hashes[i] = hashRow(row);
      }
      this.sink ^= touch(this.slots, hashes, count);
      enterAll(this.slots, hashes, from, count);
    }
  }
}

/** Reads from where states with these hashes are, or would be: see Batch. */
function touch(slots: Int32Array, hashes: Int32Array, count: number): number {
  const mask = slots.length - 1;
  let sum = 0;
  for (let i = 0; i < count; i++) sum ^= slots[home(hashes[i]!) & mask]!;
  return sum;
}

/** Enters states, from number `from` on, that are all different. */
function enterAll(slots: Int32Array, hashes: Int32Array, from: number, count: number): void {
  const mask = slots.length - 1;
  for (let i = 0; i < count; i++) {
    const hash = hashes[i]!;
    let slot = home(hash) & mask;
    while (slots[slot] !== FREE) slot = (slot + 1) & mask;
    slots[slot] = (hash & ~mask) | (from + i + 1);
  }
}

/** Where to look first, but for the mask; the high bits of a hash are its tag. */
function home(hash: number): number {
  return hash ^ (hash >>> 15);
}
