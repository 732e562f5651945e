import { Edges, NO_EDGE } from './edges.js';
import { EngineError } from './errors.js';

/** Words of an entry: the edge that the move takes, and the memory after it. */
const FEW_WORDS = 2;
/** And the number of the move's footprint. */
const ALL_WORDS = 3;
/** Places that a block has at least, as a power of two. */
const LEAST = 2;
/** In the second word of a head: the bits below are log2 of the places, above the entries. */
const ENTRY = 32;

/**
 * Memo of what each move does in each memory: (memory, move) -> (memory',
 * node'). An effect is a function of the memory and of the actor's local
 * state, so it is run once and looked up ever after.
 *
 * The moves of one memory stand together in a block, a small hash table of its
 * own: what the actors of a state may do lies in the same few lines of the
 * processor's cache, and the memory's number need not be stored with each.
 */
export class MoveTable {
  size = 0;
  /**
   * Is told of each new entry. Another machine of the same world that looks up
   * the same moves in the same order comes to the same numbers throughout.
   */
  journal: ((memory: number, move: number) => void) | undefined;
  private readonly edges = new Edges();
  /** Per memory: where its block begins, then how many places and entries it has. */
  private heads: Int32Array = new Int32Array(2 << 10);
  /** The blocks. A memory without a block looks into the first place, which stays free. */
  private pool: Int32Array = new Int32Array(FEW_WORDS << 12);
  private words = FEW_WORDS;
  private end = FEW_WORDS;
  /** Blocks that were outgrown, by log2 of their places. */
  private readonly spare: number[][] = [];

  /** Offset of the entry, or -1 when the move was never tried in this memory. */
  find(memory: number, move: number): number {
    const { heads, pool, words } = this;
    const { pairs } = this.edges;
    const head = memory * 2;
    if (head >= heads.length) return -1;
    const begin = heads[head]!;
    const mask = (1 << (heads[head + 1]! % ENTRY)) - 1;
    for (let place = move & mask; ; place = (place + 1) & mask) {
      const at = begin + place * words;
      const edge = pool[at]!;
      if (pairs[edge * 2] === move) return at;
      if (edge === NO_EDGE) return -1;
    }
  }

  /** Memory after the move at this offset; BLOCKED when the guard was false. */
  memoryAt(offset: number): number {
    return this.pool[offset + 1]!;
  }
  nodeAt(offset: number): number {
    return this.edges.pairs[this.pool[offset]! * 2 + 1]!;
  }

  /** Number of the move's footprint there, where footprints are kept. */
  footprintAt(offset: number): number {
    return this.pool[offset + 2]!;
  }

  get keepsFootprints(): boolean {
    return this.words === ALL_WORDS;
  }

  /** From now on there are footprints. @throws EngineError if there are moves. */
  keepFootprints(): void {
    if (this.keepsFootprints) return;
    if (this.size > 0) throw new EngineError('moves were made before their footprints were kept');
    this.words = this.end = ALL_WORDS;
  }

  /**
   * Adds a new entry and returns its offset. All other offsets are void then.
   * @param footprint its number, for a table that keeps footprints
   */
  add(
    memory: number,
    move: number,
    memoryAfter: number,
    nodeAfter: number,
    footprint: number,
  ): number {
    this.makeRoom(memory);
    const at = this.freePlace(memory, move);
    this.pool[at] = this.edges.intern(move, nodeAfter);
    this.pool[at + 1] = memoryAfter;
    if (this.words === ALL_WORDS) this.pool[at + 2] = footprint;
    this.heads[memory * 2 + 1]! += ENTRY;
    this.size++;
    this.journal?.(memory, move);
    return at;
  }

  /**
   * Reads from where the moves of states are, so that find() need not wait for
   * the main memory: here the processor fetches for all of them at once.
   * @param rows memory and nodes of each state, `width` words, up to `end`
   * @returns nothing of use, but it keeps the reads from being optimized away
   */
  touch(rows: Int32Array, end: number, width: number): number {
    const { heads, pool, words } = this;
    let sum = 0;
    for (let i = 0; i < end; i += width)
      if (rows[i]! * 2 < heads.length) sum ^= heads[rows[i]! * 2]!;
    for (let i = 0; i < end; i += width) {
      const head = rows[i]! * 2;
      if (head >= heads.length) continue;
      const begin = heads[head]!;
      const mask = (1 << (heads[head + 1]! % ENTRY)) - 1;
      for (let a = 1; a < width; a++) sum ^= pool[begin + (rows[i + a]! & mask) * words]!;
    }
    return sum;
  }

  get bytes(): number {
    return this.pool.byteLength + this.heads.byteLength + this.edges.bytes;
  }

  /** Makes room for one more move of a memory: a quarter of its block stays free. */
  private makeRoom(memory: number): void {
    const head = memory * 2;
    while (head >= this.heads.length) this.heads = longer(this.heads, this.heads.length * 2);
    const counts = this.heads[head + 1]!;
    const log = counts % ENTRY;
    if (counts === 0) {
      this.heads[head] = this.allocate(LEAST);
      this.heads[head + 1] = LEAST;
    } else if (((counts >>> 5) + 1) * 4 > 3 << log) this.enlarge(memory, log);
  }

  private enlarge(memory: number, log: number): void {
    const old = this.heads[memory * 2]!;
    this.heads[memory * 2] = this.allocate(log + 1);
    this.heads[memory * 2 + 1]!++;
    const { pool, words } = this;
    const { pairs } = this.edges;
    for (let at = old; at < old + (words << log); at += words) {
      if (pool[at] === NO_EDGE) continue;
      const to = this.freePlace(memory, pairs[pool[at]! * 2]!);
      for (let i = 0; i < words; i++) pool[to + i] = pool[at + i]!;
      pool[at] = NO_EDGE;
    }
    (this.spare[log] ??= []).push(old);
  }

  private freePlace(memory: number, move: number): number {
    const begin = this.heads[memory * 2]!;
    const mask = (1 << (this.heads[memory * 2 + 1]! % ENTRY)) - 1;
    let place = move & mask;
    const { words } = this;
    while (this.pool[begin + place * words] !== NO_EDGE) place = (place + 1) & mask;
    return begin + place * words;
  }

  /** Where an empty block begins. */
  private allocate(log: number): number {
    const spare = this.spare[log]?.pop();
    if (spare !== undefined) return spare;
    const begin = this.end;
    this.end += this.words << log;
    if (this.end > this.pool.length)
      this.pool = longer(this.pool, Math.ceil(this.pool.length * 1.5));
    return begin;
  }
}

function longer(words: Int32Array, length: number): Int32Array {
  const copy = new Int32Array(length);
  copy.set(words);
  return copy;
}
