import type { Footprint } from './footprint.js';

/** Number of no footprint. */
export const UNKNOWN = -1;

/** Interns footprints: few distinct ones stand behind many moves. */
export class FootprintTable {
  count = 0;
  /** `width` words each, one after the other. */
  bits: Int32Array;
  readonly width: number;
  private readonly ids = new Map<string, number>();

  constructor(empty: Footprint) {
    this.width = empty.bits.length;
    this.bits = new Int32Array(64 * this.width);
  }

  intern(footprint: Footprint): number {
    const key = footprint.bits.join();
    let id = this.ids.get(key);
    if (id === undefined) {
      this.ids.set(key, (id = this.count++));
      this.bits = roomFor(this.bits, this.count * this.width);
      this.bits.set(footprint.bits, id * this.width);
    }
    return id;
  }
}

/** The same words, with room for `length` of them. */
export function roomFor(words: Int32Array, length: number, fill = 0): Int32Array {
  if (length <= words.length) return words;
  const larger = new Int32Array(Math.max(length, words.length * 2)).fill(fill, words.length);
  larger.set(words);
  return larger;
}
