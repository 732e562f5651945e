import type { Batch } from './batch.js';
import { Columns } from './columns.js';
import type { Layout } from './layout.js';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;

/**
 * States in the order of their numbers, packed. They lie in chunks, so that
 * growing copies nothing; when a column outgrows its place all are packed again.
 */
export class Rows {
  count = 0;
  private chunks: Int32Array[] = [];
  private words: number;
  private readonly columns: Columns;

  constructor(width: number) {
    this.columns = new Columns(width);
    this.words = this.columns.layout.words;
  }

  /** Copies state `id` to `row[at]`. */
  read(id: number, row: Int32Array, at: number): void {
    this.columns.unpack(this.chunks[id >> CHUNK_BITS]!, (id & (CHUNK - 1)) * this.words, row, at);
  }

  /** Packs a state, to be compared or pushed; false where it cannot be in here. */
  pack(row: Int32Array): boolean {
    return this.columns.pack(row);
  }

  /** Packs a state with values never met before. True where all were packed anew for that. */
  admit(row: Int32Array): boolean {
    const before = this.columns.layout;
    const isMoved = this.columns.admit(row);
    if (isMoved) this.repack(before);
    this.columns.pack(row);
    return isMoved;
  }

  /** Is state `id` the one that was packed last? */
  isPackedAt(id: number): boolean {
    return this.isAt(id, this.columns.packed, 0);
  }
  /** Appends the state that was packed last. */
  push(): void {
    this.append(this.columns.packed, 0);
  }

  /** Packs what a move of state `id` leads to behind a batch; false where it must be admitted. */
  packMove(batch: Batch, id: number, column: number, memory: number, node: number): boolean {
    const { words } = this;
    batch.reserve(words);
    const from = this.chunks[id >> CHUNK_BITS]!;
    const at = (id & (CHUNK - 1)) * words;
    const to = batch.count * words;
    return this.columns.packMove(from, at, column, memory, node, batch.packed, to);
  }
  isBatchedAt(id: number, batch: Batch, index: number): boolean {
    return this.isAt(id, batch.packed, index * this.words);
  }
  pushBatched(batch: Batch, index: number): void {
    this.append(batch.packed, index * this.words);
  }

  /** Reads from where states are: see Batch. Negative numbers are skipped. */
  touch(ids: Int32Array, count: number): number {
    const { chunks, words } = this;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const id = ids[i]!;
      if (id >= 0) sum ^= chunks[id >> CHUNK_BITS]![(id & (CHUNK - 1)) * words]!;
    }
    return sum;
  }

  get bytes(): number {
    return this.chunks.length * CHUNK * 4 * this.words + this.columns.bytes;
  }

  private isAt(id: number, packed: Int32Array, from: number): boolean {
    const { words } = this;
    const chunk = this.chunks[id >> CHUNK_BITS]!;
    const at = (id & (CHUNK - 1)) * words;
    for (let i = 0; i < words; i++) if (chunk[at + i] !== packed[from + i]) return false;
    return true;
  }

  private append(packed: Int32Array, from: number): void {
    const { words, count } = this;
    if ((count & (CHUNK - 1)) === 0) this.chunks.push(new Int32Array(CHUNK * words));
    const chunk = this.chunks[count >> CHUNK_BITS]!;
    const at = (count & (CHUNK - 1)) * words;
    for (let i = 0; i < words; i++) chunk[at + i] = packed[from + i]!;
    this.count++;
  }

  /** Moves the columns of all states to where they are now. */
  private repack(before: Layout): void {
    const after = this.columns.layout;
    this.words = after.words;
    this.chunks = this.chunks.map((from) => {
      const to = new Int32Array(CHUNK * after.words);
      for (let i = 0; i < CHUNK; i++)
        before.move(from, i * before.words, after, to, i * after.words);
      return to;
    });
  }
}
