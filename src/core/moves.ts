const FREE = -1;
const WORDS = 4;

/**
 * Memo of what each move does in each memory: (memory, move) -> (memory',
 * node'). An effect is a function of the memory and of the actor's local
 * state, so it is run once and looked up ever after.
 */
export class MoveTable {
  private entries = new Int32Array(WORDS << 12).fill(FREE);
  private mask = (1 << 12) - 1;
  private count = 0;
  /**
   * Is told of each new entry. Another machine of the same world that looks up
   * the same moves in the same order comes to the same numbers throughout.
   */
  journal: ((memory: number, move: number) => void) | undefined;

  /** Offset of the entry, or -1 when the move was never tried in this memory. */
  find(memory: number, move: number): number {
    const { entries, mask } = this;
    let slot = hash(memory, move) & mask;
    for (;;) {
      const at = slot * WORDS;
      const key = entries[at];
      if (key === memory && entries[at + 1] === move) return at;
      if (key === FREE) return FREE;
      slot = (slot + 1) & mask;
    }
  }

  /** Memory after the move at this offset; BLOCKED when the guard was false. */
  memoryAt(offset: number): number {
    return this.entries[offset + 2]!;
  }
  nodeAt(offset: number): number {
    return this.entries[offset + 3]!;
  }

  /** Adds a new entry and returns its offset. */
  add(memory: number, move: number, memoryAfter: number, nodeAfter: number): number {
    if (++this.count * 2 > this.mask) this.grow();
    const at = this.freeSlot(memory, move) * WORDS;
    this.entries[at] = memory;
    this.entries[at + 1] = move;
    this.entries[at + 2] = memoryAfter;
    this.entries[at + 3] = nodeAfter;
    this.journal?.(memory, move);
    return at;
  }

  get size(): number {
    return this.count;
  }
  get bytes(): number {
    return this.entries.byteLength;
  }

  private freeSlot(memory: number, move: number): number {
    let slot = hash(memory, move) & this.mask;
    while (this.entries[slot * WORDS] !== FREE) slot = (slot + 1) & this.mask;
    return slot;
  }

  private grow(): void {
    const old = this.entries;
    this.mask = this.mask * 2 + 1;
    this.entries = new Int32Array(WORDS * (this.mask + 1)).fill(FREE);
    for (let at = 0; at < old.length; at += WORDS)
      if (old[at] !== FREE)
        this.entries.set(
          old.subarray(at, at + WORDS),
          this.freeSlot(old[at]!, old[at + 1]!) * WORDS,
        );
  }
}

/**
 * Only the memory is mixed. An actor's next move mostly has the next number,
 * and mostly leaves the memory alone: then its entry lies next to the last one,
 * in the same line of the cache.
 */
function hash(memory: number, move: number): number {
  const h = Math.imul(memory, 0x9e3779b1);
  return (h ^ (h >>> 15)) + move;
}
