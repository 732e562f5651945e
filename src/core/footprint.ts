/**
 * The cells that a piece of code read, wrote and updated, a bit each. Two pieces
 * of code whose footprints do not conflict can be swapped: neither sees the
 * other. Updates are writes that do not tell their order: those of one cell
 * commute among themselves, not with reads and writes.
 */
export class Footprint {
  /** Reads, then writes, then updates. */
  readonly bits: Int32Array;
  readonly reads: Int32Array;
  readonly writes: Int32Array;
  readonly updates: Int32Array;

  /** @param cells number of cells of the memory. */
  constructor(cells: number) {
    const words = (cells + 31) >> 5;
    this.bits = new Int32Array(3 * words);
    this.reads = this.bits.subarray(0, words);
    this.writes = this.bits.subarray(words, 2 * words);
    this.updates = this.bits.subarray(2 * words);
  }

  clear(): void {
    this.bits.fill(0);
  }

  /** Takes in another's cells. True if there were new ones. */
  add(other: Footprint): boolean {
    return addBits(this.bits, other.bits);
  }

  /** Does one change what the other reads or, other than by updates alone, changes? */
  conflicts(other: Footprint): boolean {
    return conflict(this.bits, 0, other.bits, 0, this.reads.length);
  }
}

/** As Footprint.conflicts(), for the bits of footprints kept in tables. */
export function conflict(
  a: Int32Array,
  atA: number,
  b: Int32Array,
  atB: number,
  words: number,
): boolean {
  for (let i = 0; i < words; i++) {
    const reads = a[atA + i]!;
    const writes = a[atA + words + i]!;
    const updates = a[atA + 2 * words + i]!;
    const otherReads = b[atB + i]!;
    const otherWrites = b[atB + words + i]!;
    const otherUpdates = b[atB + 2 * words + i]!;
    if (writes & (otherReads | otherWrites | otherUpdates)) return true;
    if (otherWrites & (reads | updates)) return true;
    if ((updates & otherReads) | (otherUpdates & reads)) return true;
  }
  return false;
}

/** Does a footprint write or update any of the cells whose bits begin at `at`? */
export function changes(footprint: Footprint, cells: Int32Array, at: number): boolean {
  const { writes, updates } = footprint;
  for (let i = 0; i < writes.length; i++)
    if (cells[at + i]! & (writes[i]! | updates[i]!)) return true;
  return false;
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
