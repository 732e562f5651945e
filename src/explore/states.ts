import { EngineError } from '../core/errors.js';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
const MAX_STATES = 2 ** 30;

/** Largest local node that fits half a word. */
const NARROW = 0xffff;

/**
 * Exact visited set. A state is the memory's number, then one local node per
 * actor. Nodes are packed two to a word until one outgrows that; then the table
 * is rewritten once with a word each. Rows live in chunks, so growing never
 * copies them; the hash table holds row numbers whose spare high bits carry part
 * of the hash, which settles nearly every mismatch without touching the row.
 */
export class StateTable {
  count = 0;
  private isNarrow = true;
  private chunks: Int32Array[] = [];
  private readonly parents: Int32Array[] = [];
  private slots = new Int32Array(1 << 12).fill(-1);
  private bits = 12;
  private packed: Int32Array;

  /** @param width components of a state: the memory and the actors. */
  constructor(readonly width: number) {
    this.packed = new Int32Array(1 + Math.ceil((width - 1) / 2));
  }

  /** Copies state `id` into `row`. */
  read(id: number, row: Int32Array): void {
    const chunk = this.chunks[id >> CHUNK_BITS]!;
    const at = (id & (CHUNK - 1)) * this.packed.length;
    row[0] = chunk[at]!;
    if (this.isNarrow)
      for (let i = 1; i < this.width; i++)
        row[i] = (chunk[at + ((i + 1) >> 1)]! >>> (i & 1 ? 0 : 16)) & NARROW;
    else for (let i = 1; i < this.width; i++) row[i] = chunk[at + i]!;
  }

  parent(id: number): number {
    return this.parents[id >> CHUNK_BITS]![id & (CHUNK - 1)]!;
  }

  /** Adds a state unless it is there. Returns its number if new, else ~(its number). */
  add(row: Int32Array, hash: number, parent: number): number {
    if (!this.pack(row)) this.widen(row);
    const mask = this.slots.length - 1;
    const tag = hash & ~mask & 0x7fffffff;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let entry; (entry = this.slots[slot]!) !== -1; slot = (slot + 1) & mask)
      if ((entry & ~mask) === tag && this.isPackedAt(entry & mask)) return ~(entry & mask);
    this.slots[slot] = tag | this.count;
    return this.append(parent);
  }

  /** The number of a state, or -1 where it was never added. */
  find(row: Int32Array, hash: number): number {
    if (!this.pack(row)) return -1;
    const mask = this.slots.length - 1;
    const tag = hash & ~mask & 0x7fffffff;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let entry; (entry = this.slots[slot]!) !== -1; slot = (slot + 1) & mask)
      if ((entry & ~mask) === tag && this.isPackedAt(entry & mask)) return entry & mask;
    return -1;
  }

  /** Bytes held, for the benchmark. */
  get bytes(): number {
    const rows = this.chunks.length * CHUNK * 4 * (this.packed.length + 1);
    return rows + this.slots.byteLength;
  }

  /** Packs a state; false when a node does not fit any more. */
  private pack(row: Int32Array): boolean {
    const { packed, width } = this;
    packed[0] = row[0]!;
    if (!this.isNarrow) {
      for (let i = 1; i < width; i++) packed[i] = row[i]!;
      return true;
    }
    let all = 0;
    for (let i = 1; i < width; i += 2) {
      const high = i + 1 < width ? row[i + 1]! : 0;
      all |= row[i]! | high;
      packed[(i + 1) >> 1] = row[i]! | (high << 16);
    }
    return all <= NARROW;
  }

  private widen(row: Int32Array): void {
    const old = new StateTable(this.width);
    Object.assign(old, { chunks: this.chunks, packed: this.packed });
    this.isNarrow = false;
    this.chunks = [];
    this.packed = new Int32Array(this.width);
    const each = new Int32Array(this.width);
    for (let id = 0; id < this.count; id++) {
      old.read(id, each);
      this.pack(each);
      this.store(id);
    }
    this.pack(row);
  }

  private append(parent: number): number {
    const id = this.count++;
    if (id >= MAX_STATES) throw new EngineError(`more than ${MAX_STATES} states`);
    if ((id & (CHUNK - 1)) === 0) this.parents.push(new Int32Array(CHUNK));
    this.store(id);
    this.parents[id >> CHUNK_BITS]![id & (CHUNK - 1)] = parent;
    if (this.count > this.slots.length * 0.7) this.grow();
    return id;
  }

  private store(id: number): void {
    const { packed } = this;
    if ((id & (CHUNK - 1)) === 0) this.chunks.push(new Int32Array(CHUNK * packed.length));
    const chunk = this.chunks[id >> CHUNK_BITS]!;
    const at = (id & (CHUNK - 1)) * packed.length;
    for (let i = 0; i < packed.length; i++) chunk[at + i] = packed[i]!;
  }

  private isPackedAt(id: number): boolean {
    const { packed } = this;
    const chunk = this.chunks[id >> CHUNK_BITS]!;
    const at = (id & (CHUNK - 1)) * packed.length;
    for (let i = 0; i < packed.length; i++) if (chunk[at + i] !== packed[i]) return false;
    return true;
  }

  private grow(): void {
    this.bits++;
    const mask = (1 << this.bits) - 1;
    this.slots = new Int32Array(mask + 1).fill(-1);
    const row = new Int32Array(this.width);
    for (let id = 0; id < this.count; id++) {
      this.read(id, row);
      const hash = hashRow(row);
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.slots[slot] !== -1) slot = (slot + 1) & mask;
      this.slots[slot] = (hash & ~mask & 0x7fffffff) | id;
    }
  }
}

/**
 * Hash of a state: the exclusive or of one mixed word per component, so that
 * a move, which changes the memory and one node, updates it in constant time.
 */
export function hashRow(row: Int32Array): number {
  let h = hashMemory(row[0]!);
  for (let i = 1; i < row.length; i++) h ^= hashNode(row[i]!);
  return h;
}

export function hashMemory(memory: number): number {
  return mix(memory ^ 0x5bd1e995);
}

/** Node numbers are unique across actors, so position need not be hashed. */
export function hashNode(node: number): number {
  return mix(Math.imul(node + 1, 0x27d4eb2f));
}

function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
