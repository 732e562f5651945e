import type { Memory } from './memory.js';

const FREE = -1;

/**
 * Interns whole memories: equal contents, equal number. Few distinct memories
 * stand behind many states, so a state can name one with a single word.
 */
export class MemoryTable {
  count = 0;
  private readonly wordsPerRow: number;
  private words: Int32Array;
  private hashes = new Int32Array(1024);
  private slots = new Int32Array(2048).fill(FREE);

  constructor(private readonly memory: Memory) {
    this.wordsPerRow = memory.words.length;
    this.words = new Int32Array(1024 * this.wordsPerRow);
  }

  /** The number of the memory as it is now. */
  intern(): number {
    const now = this.memory.words;
    const hash = hashWords(now);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let id; (id = this.slots[slot]!) !== FREE; slot = (slot + 1) & mask)
      if (this.hashes[id] === hash && this.equals(id, now)) return id;
    return this.add(slot, hash);
  }

  /** Makes memory number `id` the current one. */
  restore(id: number): void {
    const from = id * this.wordsPerRow;
    const now = this.memory.words;
    for (let i = 0; i < now.length; i++) now[i] = this.words[from + i]!;
  }

  /** Bytes held, for the benchmark. */
  get bytes(): number {
    return this.words.byteLength + this.hashes.byteLength + this.slots.byteLength;
  }

  private add(slot: number, hash: number): number {
    const id = this.count++;
    if (id === this.hashes.length) this.growRows();
    this.hashes[id] = hash;
    this.words.set(this.memory.words, id * this.wordsPerRow);
    this.slots[slot] = id;
    if (this.count * 2 > this.slots.length) this.growSlots();
    return id;
  }

  private equals(id: number, now: Int32Array): boolean {
    const from = id * this.wordsPerRow;
    for (let i = 0; i < this.wordsPerRow; i++) if (this.words[from + i] !== now[i]) return false;
    return true;
  }

  private growRows(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const hashes = new Int32Array(this.hashes.length * 2);
    hashes.set(this.hashes);
    this.hashes = hashes;
  }

  private growSlots(): void {
    const mask = this.slots.length * 2 - 1;
    this.slots = new Int32Array(mask + 1).fill(FREE);
    for (let id = 0; id < this.count; id++) {
      let slot = this.hashes[id]! & mask;
      while (this.slots[slot] !== FREE) slot = (slot + 1) & mask;
      this.slots[slot] = id;
    }
  }
}

function hashWords(words: Int32Array): number {
  let h = 0x9e3779b9 | 0;
  for (let i = 0; i < words.length; i++) {
    h = Math.imul(h ^ words[i]!, 0x85ebca6b);
    h ^= h >>> 13;
  }
  return h ^ (h >>> 16);
}
