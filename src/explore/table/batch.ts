/** In place of a state's number: it was looked for in vain; it is not known which it is. */
export const NEW = -1;
export const UNKNOWN = -2;

/**
 * States that are looked up together. One after the other, each look-up would
 * wait for the main memory; for many at once the processor fetches all that they
 * need while it waits for the first.
 */
export class Batch {
  count = 0;
  /** Per state its hash and its packed words. */
  hash: Int32Array = new Int32Array(256);
  packed: Int32Array = new Int32Array(1024);
  /** Where in the hash table to go on looking. */
  slot: Int32Array = new Int32Array(256);
  /** The state's number, NEW or UNKNOWN. */
  id: Int32Array = new Int32Array(256);

  /** Makes room for the packed words of one more state. */
  reserve(words: number): void {
    while ((this.count + 1) * words > this.packed.length) this.packed = longer(this.packed);
  }

  /** Takes in one more state. */
  push(hash: number, id: typeof NEW | typeof UNKNOWN): void {
    if (this.count === this.hash.length) {
      this.hash = longer(this.hash);
      this.slot = longer(this.slot);
      this.id = longer(this.id);
    }
    this.hash[this.count] = hash;
    this.id[this.count++] = id;
  }
}

export function longer(words: Int32Array): Int32Array {
  const copy = new Int32Array(words.length * 2);
  copy.set(words);
  return copy;
}
