/**
 * The cells that a piece of code read and wrote, a bit each. Two pieces of code
 * whose footprints do not conflict can be swapped: neither sees the other.
 */
export class Footprint {
  readonly reads: Int32Array;
  readonly writes: Int32Array;

  /** @param cells number of cells of the memory. */
  constructor(cells: number) {
    const words = (cells + 31) >> 5;
    this.reads = new Int32Array(words);
    this.writes = new Int32Array(words);
  }

  clear(): void {
    this.reads.fill(0);
    this.writes.fill(0);
  }

  /** Takes in another's cells. True if there were new ones. */
  add(other: Footprint): boolean {
    const reads = addBits(this.reads, other.reads);
    const writes = addBits(this.writes, other.writes);
    return reads || writes;
  }

  /** Does one write what the other reads or writes? */
  conflicts(other: Footprint): boolean {
    for (let i = 0; i < this.reads.length; i++) {
      const mine = this.writes[i]!;
      const theirs = other.writes[i]!;
      if ((mine & (other.reads[i]! | theirs)) | (theirs & this.reads[i]!)) return true;
    }
    return false;
  }
}

/** Adds the bits of `more` to `bits`. True if any was new. */
export function addBits(bits: Int32Array, more: Int32Array): boolean {
  let grown = 0;
  for (let i = 0; i < bits.length; i++) {
    const fresh = more[i]! & ~bits[i]!;
    grown |= fresh;
    bits[i]! |= fresh;
  }
  return grown !== 0;
}

/** Have two sets of cells any in common? */
export function meets(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i]! & b[i]!) return true;
  return false;
}
