import type { Footprint } from './footprint.js';

/** Number of no footprint. */
export const UNKNOWN = -1;

/** Interns footprints: few distinct ones stand behind many moves. */
export class FootprintTable {
  count = 0;
  /** `width` words each, one after the other. */
  bits: Int32Array;
  readonly width: number;
  private slots = new Int32Array(256).fill(UNKNOWN);

  constructor(empty: Footprint) {
    this.width = empty.bits.length;
    this.bits = new Int32Array(64 * this.width);
  }

  intern({ bits }: Footprint): number {
    return this.internBits(bits);
  }

  /** A copy of a footprint's bits: reads, then writes, then updates. */
  at(id: number): Int32Array {
    return this.bits.slice(id * this.width, (id + 1) * this.width);
  }

  internBits(bits: Int32Array): number {
    const mask = this.slots.length - 1;
    let slot = hashWords(bits, 0, this.width) & mask;
    for (let id; (id = this.slots[slot]!) !== UNKNOWN; slot = (slot + 1) & mask)
      if (this.equals(id, bits)) return id;
    const id = this.count++;
    this.bits = roomFor(this.bits, this.count * this.width);
    this.bits.set(bits, id * this.width);
    this.slots[slot] = id;
    if (this.count * 2 > this.slots.length) this.grow();
    return id;
  }

  private equals(id: number, bits: Int32Array): boolean {
    const at = id * this.width;
    for (let i = 0; i < this.width; i++) if (this.bits[at + i] !== bits[i]) return false;
    return true;
  }

  private grow(): void {
    const mask = this.slots.length * 2 - 1;
    this.slots = new Int32Array(mask + 1).fill(UNKNOWN);
    for (let id = 0; id < this.count; id++) {
      let slot = hashWords(this.bits, id * this.width, this.width) & mask;
      while (this.slots[slot] !== UNKNOWN) slot = (slot + 1) & mask;
      this.slots[slot] = id;
    }
  }
}

function hashWords(words: Int32Array, from: number, count: number): number {
  let h = 0x9e3779b9 | 0;
  for (let i = from; i < from + count; i++) {
    h = Math.imul(h ^ words[i]!, 0x85ebca6b);
    h ^= h >>> 13;
  }
  return h ^ (h >>> 16);
}

/** The same words, with room for `length` of them. */
export function roomFor(words: Int32Array, length: number, fill = 0): Int32Array {
  if (length <= words.length) return words;
  const larger = new Int32Array(Math.max(length, words.length * 2)).fill(fill, words.length);
  larger.set(words);
  return larger;
}
