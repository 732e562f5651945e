import type { Memory } from './memory.js';

const FREE = 0;
/** Rows lie in chunks, so that growing copies none of them. */
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;

/**
 * Interns whole memories: equal contents, equal number. Few distinct memories
 * stand behind many states, so a state can name one with a single word.
 *
 * A memory is mostly interned a step after it was restored, and steps change few
 * words or none: its hash is brought up to date from that of the memory before.
 */
export class MemoryTable {
  count = 0;
  private readonly wordsPerRow: number;
  private readonly chunks: Int32Array[] = [];
  private hashes: Int32Array = new Int32Array(1024);
  /** Numbers plus one; the spare high bits are a part of the hash. */
  private slots: Int32Array = new Int32Array(2048);
  /** The memory that is current now, or was some steps ago. */
  private base = -1;

  constructor(private readonly memory: Memory) {
    this.wordsPerRow = memory.words.length;
  }

  /** The number of the memory as it is now. */
  intern(): number {
    if (this.base < 0) return (this.base = this.find(hashWords(this.memory.words)));
    const now = this.memory.words;
    const { base } = this;
    const row = this.chunks[base >> CHUNK_BITS]!;
    const from = (base & (CHUNK - 1)) * this.wordsPerRow;
    let hash = this.hashes[base]!;
    let changed = 0;
    for (let i = 0; i < now.length; i++) {
      const word = now[i]!;
      const before = row[from + i]!;
      if (word === before) continue;
      changed++;
      hash ^= hashWord(i, word) ^ hashWord(i, before);
    }
    if (changed === 0) return base;
    return (this.base = this.find(hash));
  }

  /** Makes memory number `id` the current one. */
  restore(id: number): void {
    const row = this.chunks[id >> CHUNK_BITS]!;
    const from = (id & (CHUNK - 1)) * this.wordsPerRow;
    const now = this.memory.words;
    for (let i = 0; i < now.length; i++) now[i] = row[from + i]!;
    this.base = id;
  }

  /** Bytes held, for the benchmark. */
  get bytes(): number {
    const rows = this.chunks.length * CHUNK * this.wordsPerRow * 4;
    return rows + this.hashes.byteLength + this.slots.byteLength;
  }

  private find(hash: number): number {
    const now = this.memory.words;
    const mask = this.slots.length - 1;
    const tag = hash & ~mask;
    let slot = hash & mask;
    for (let entry; (entry = this.slots[slot]!) !== FREE; slot = (slot + 1) & mask)
      if ((entry & ~mask) === tag && this.equals((entry & mask) - 1, now))
        return (entry & mask) - 1;
    return this.add(slot, hash);
  }

  private add(slot: number, hash: number): number {
    const id = this.count++;
    if ((id & (CHUNK - 1)) === 0) this.chunks.push(new Int32Array(CHUNK * this.wordsPerRow));
    this.chunks[id >> CHUNK_BITS]!.set(this.memory.words, (id & (CHUNK - 1)) * this.wordsPerRow);
    if (id === this.hashes.length) {
      const hashes = new Int32Array(id * 2);
      hashes.set(this.hashes);
      this.hashes = hashes;
    }
    this.hashes[id] = hash;
    this.slots[slot] = (hash & ~(this.slots.length - 1)) | (id + 1);
    if (this.count * 2 > this.slots.length) this.grow();
    return id;
  }

  private equals(id: number, now: Int32Array): boolean {
    const row = this.chunks[id >> CHUNK_BITS]!;
    const from = (id & (CHUNK - 1)) * this.wordsPerRow;
    for (let i = 0; i < now.length; i++) if (row[from + i] !== now[i]) return false;
    return true;
  }

  private grow(): void {
    const mask = this.slots.length * 2 - 1;
    const slots = (this.slots = new Int32Array(mask + 1));
    for (let id = 0; id < this.count; id++) {
      const hash = this.hashes[id]!;
      let slot = hash & mask;
      while (slots[slot] !== FREE) slot = (slot + 1) & mask;
      slots[slot] = (hash & ~mask) | (id + 1);
    }
  }
}

/** The exclusive or of a mixed word each, so that one can be exchanged for another. */
function hashWords(words: Int32Array): number {
  let hash = 0;
  for (let i = 0; i < words.length; i++) hash ^= hashWord(i, words[i]!);
  return hash;
}

function hashWord(index: number, word: number): number {
  let h = Math.imul(word ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}
