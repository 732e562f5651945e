import { longer } from './batch.js';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
/** States that share a mark, from which on ones are counted. */
const SPAN = 64;

/**
 * Parents of states, in two bits each: a breadth-first search expands states in
 * the order of their numbers, so parents never go down. A one stands for a state,
 * a zero before it for a step up of the parent (Elias, "Efficient Storage and
 * Retrieval by Content and Address of Static Files", Journal of the ACM 21(2),
 * 1974). Once a parent does go down, each takes a word.
 */
export class Parents {
  private count = 0;
  /** Chunks of words: bits in order, or one parent each. */
  private chunks: Int32Array[] = [];
  private isPlain = false;
  /** Bits so far, and where the bits of each SPANth state begin. */
  private bits = 0;
  private marks: Int32Array = new Int32Array(64);
  private last = -1;

  push(parent: number): void {
    if (parent < this.last && !this.isPlain) this.flatten();
    if (this.isPlain) {
      this.reach(this.count);
      this.set(this.count, parent);
    } else this.pushBits(parent);
    this.count++;
  }

  /** The parent of state `id`, or -1. */
  at(id: number): number {
    if (this.isPlain) return this.get(id);
    const mark = this.marks[Math.floor(id / SPAN)]!;
    let word = mark >>> 5;
    let ones = this.get(word) & (-1 << mark);
    let skip = id % SPAN;
    for (let here; skip >= (here = countOnes(ones)); skip -= here) ones = this.get(++word);
    for (; skip > 0; skip--) ones &= ones - 1;
    // Before the state's one stand as many ones as there are states before it.
    return word * 32 + lowestOne(ones) - id - 1;
  }

  get bytes(): number {
    return this.chunks.length * CHUNK * 4 + this.marks.byteLength;
  }

  private pushBits(parent: number): void {
    if (this.count % SPAN === 0) {
      const mark = this.count / SPAN;
      if (mark === this.marks.length) this.marks = longer(this.marks);
      this.marks[mark] = this.bits;
    }
    const bit = this.bits + parent - this.last;
    this.reach(bit >>> 5);
    this.set(bit >>> 5, this.get(bit >>> 5) | (1 << bit));
    this.bits = bit + 1;
    this.last = parent;
  }

  /** From now on a word each. */
  private flatten(): void {
    const plain = new Parents();
    plain.isPlain = true;
    for (let id = 0; id < this.count; id++) plain.push(this.at(id));
    this.chunks = plain.chunks;
    this.isPlain = true;
  }

  private get(word: number): number {
    return this.chunks[word >>> CHUNK_BITS]![word & (CHUNK - 1)]!;
  }

  private set(word: number, value: number): void {
    this.chunks[word >>> CHUNK_BITS]![word & (CHUNK - 1)] = value;
  }

  private reach(word: number): void {
    while (word >= this.chunks.length * CHUNK) this.chunks.push(new Int32Array(CHUNK));
  }
}

function countOnes(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function lowestOne(word: number): number {
  return 31 - Math.clz32(word & -word);
}
