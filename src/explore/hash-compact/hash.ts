/**
 * 64 bits of hash of a state, as two words: per component one of many functions
 * that behave as if they were drawn at random (Zobrist, "A New Hashing Method with
 * Application for Game Playing", 1970). Another seed gives other functions.
 */
export class StateHash {
  private readonly salts: Int32Array;

  constructor(
    private readonly width: number,
    seed: number,
  ) {
    this.salts = Int32Array.from({ length: 4 * width }, (_, i) =>
      mix(mix(seed ^ 0x2545f491) + Math.imul(i + 1, 0x9e3779b9)),
    );
  }

  /** The first word, or the second, of a state's hash. */
  word(index: 0 | 1, row: Int32Array, at: number): number {
    const { salts, width } = this;
    let hash = 0;
    for (let c = 0, salt = 2 * width * index; c < width; c++, salt += 2)
      hash ^= mix(mix(row[at + c]! ^ salts[salt]!) + salts[salt + 1]!);
    return hash;
  }
}

/** The finalizer of MurmurHash3: a permutation of words. */
function mix(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
