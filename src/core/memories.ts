import type { Memory } from './memory.js';

const FREE = 0;
/** Of a word that no row has, since it is the same in all memories so far. */
const CONSTANT = -1;
/** Rows lie in chunks, so that growing copies none of them. */
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;

/**
 * What an effect does to memory, three words for each word of it: which one,
 * a mask, and what the bits of the mask become.
 */
export type Patches = Int32Array;

/**
 * Interns whole memories: equal contents, equal number. Few distinct memories
 * stand behind many states, so a state can name one with a single word.
 *
 * Only words that differ between memories are stored. Most memories are made of
 * another by changing a word or two: the hash is brought up to date.
 */
export class MemoryTable {
  count = 0;
  /** What the memory was at first. */
  private readonly first: Int32Array;
  /** Words that rows have, and the place of each word in a row. */
  private kept: number[] = [];
  private readonly place: Int32Array;
  private chunks: Int32Array[] = [];
  private hashes: Int32Array = new Int32Array(1024);
  /** Numbers plus one; the spare high bits are a part of the hash. */
  private slots: Int32Array = new Int32Array(2048);
  /** The row that is looked for. */
  private readonly wanted: Int32Array;

  constructor(private readonly memory: Memory) {
    this.first = memory.words.slice();
    this.wanted = new Int32Array(memory.words.length);
    this.place = new Int32Array(memory.words.length).fill(CONSTANT);
  }

  /** The number of the memory as it is now. */
  intern(): number {
    const { first, wanted } = this;
    const { words } = this.memory;
    let hash = 0;
    for (let i = 0; i < words.length; i++) {
      if (words[i] === first[i]) continue;
      if (this.place[i] === CONSTANT) this.keep(i);
      hash ^= hashWord(i, words[i]!) ^ hashWord(i, first[i]!);
    }
    for (let p = 0; p < this.kept.length; p++) wanted[p] = words[this.kept[p]!]!;
    return this.find(hash);
  }

  /** The number of the memory that patches, of a word each, make of another. */
  after(id: number, patches: Patches): number {
    let hash = this.hashes[id]!;
    let isChanged = false;
    for (let i = 0; i < patches.length; i += 3) {
      const word = patches[i]!;
      const before = this.word(id, word);
      const now = (before & ~patches[i + 1]!) | patches[i + 2]!;
      if (now === before) continue;
      if (this.place[word] === CONSTANT) this.keep(word);
      hash ^= hashWord(word, now) ^ hashWord(word, before);
      isChanged = true;
    }
    if (!isChanged) return id;
    const { wanted, place } = this;
    const width = this.kept.length;
    const row = this.chunks[id >> CHUNK_BITS]!;
    const from = (id & (CHUNK - 1)) * width;
    for (let p = 0; p < width; p++) wanted[p] = row[from + p]!;
    for (let i = 0; i < patches.length; i += 3) {
      const p = place[patches[i]!]!;
      if (p !== CONSTANT) wanted[p] = (wanted[p]! & ~patches[i + 1]!) | patches[i + 2]!;
    }
    return this.find(hash);
  }

  /** One word of a memory. */
  word(id: number, word: number): number {
    const place = this.place[word]!;
    if (place === CONSTANT) return this.first[word]!;
    return this.chunks[id >> CHUNK_BITS]![(id & (CHUNK - 1)) * this.kept.length + place]!;
  }

  /** Makes memory number `id` the current one. */
  restore(id: number): void {
    const { words } = this.memory;
    // Code that failed may have changed any word.
    words.set(this.first);
    for (const word of this.kept) words[word] = this.word(id, word);
  }

  /** Bytes held, for the benchmark. */
  get bytes(): number {
    const rows = this.chunks.length * CHUNK * this.kept.length * 4;
    return rows + this.hashes.byteLength + this.slots.byteLength;
  }

  private find(hash: number): number {
    const mask = this.slots.length - 1;
    const tag = hash & ~mask;
    let slot = hash & mask;
    for (let entry; (entry = this.slots[slot]!) !== FREE; slot = (slot + 1) & mask)
      if ((entry & ~mask) === tag && this.isWanted((entry & mask) - 1)) return (entry & mask) - 1;
    return this.add(slot, hash);
  }

  private isWanted(id: number): boolean {
    const { wanted } = this;
    const width = this.kept.length;
    const row = this.chunks[id >> CHUNK_BITS]!;
    const from = (id & (CHUNK - 1)) * width;
    for (let p = 0; p < width; p++) if (row[from + p] !== wanted[p]) return false;
    return true;
  }

  private add(slot: number, hash: number): number {
    const width = this.kept.length;
    const id = this.count++;
    if ((id & (CHUNK - 1)) === 0) this.chunks.push(new Int32Array(CHUNK * width));
    const row = this.chunks[id >> CHUNK_BITS]!;
    const from = (id & (CHUNK - 1)) * width;
    for (let p = 0; p < width; p++) row[from + p] = this.wanted[p]!;
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

  /** From now on rows have this word. In all of them it is what it was at first. */
  private keep(word: number): void {
    const before = this.kept.length;
    this.place[word] = before;
    this.kept.push(word);
    this.chunks = this.chunks.map((from, chunk) => {
      const to = new Int32Array(CHUNK * (before + 1));
      const rows = Math.min(CHUNK, this.count - chunk * CHUNK);
      for (let i = 0; i < rows; i++) {
        const row = i * (before + 1);
        for (let c = 0; c < before; c++) to[row + c] = from[i * before + c]!;
        to[row + before] = this.first[word]!;
      }
      return to;
    });
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

/**
 * The hash of a memory is the exclusive or of one for each word that is not as
 * it was at first, so that a word can be exchanged for another.
 */
function hashWord(index: number, word: number): number {
  let h = Math.imul(word ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}
