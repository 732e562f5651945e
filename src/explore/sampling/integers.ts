import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** Draws of 16 bits that are made at a time. */
export const BATCH = 32;

/**
 * A stream of random integers, one for each pair of a seed and a run. A run's
 * schedule then depends on nothing else: any range of runs can be drawn
 * anywhere, in any order.
 */
export class Integers {
  /** Uniform draws of 16 bits, and the first of them that is unused. */
  readonly draws = new Uint16Array(BATCH);
  next = 0;
  private generator;

  constructor(seed: number, run = 0) {
    this.generator = generatorOf(seed, run);
    this.refill();
  }

  /** Goes on with the stream of another run. */
  restart(seed: number, run: number): void {
    this.generator = generatorOf(seed, run);
    this.refill();
  }

  refill(): void {
    const { draws, generator } = this;
    for (let i = 0; i < BATCH; i += 2) {
      const bits = generator.next();
      draws[i] = bits;
      draws[i + 1] = bits >>> 16;
    }
    this.next = 0;
  }

  /**
   * An integer below `bound`, of at most 2^32, exactly uniform: the high half of
   * the product of a draw and the bound, again where the low half is among the
   * few that would favour some (Lemire: Fast Random Integer Generation in an
   * Interval, TOMACS 2019). It is drawn anew once in 2^16 / bound draws at most.
   */
  below(bound: number): number {
    if (bound > 2 ** 16) return this.belowLarge(bound);
    for (;;) {
      const product = this.draw() * bound;
      const low = product & 0xffff;
      if (low >= bound || low >= 2 ** 16 % bound) return product >>> 16;
    }
  }

  private belowLarge(bound: number): number {
    const mask = 2 ** (32 - Math.clz32(bound - 1)) - 1;
    for (;;) {
      const value = ((this.draw() | (this.draw() << 16)) & mask) >>> 0;
      if (value < bound) return value;
    }
  }

  private draw(): number {
    if (this.next === BATCH) this.refill();
    return this.draws[this.next++]!;
  }
}

/** The same as a function, for those who need one stream only. */
export function integers(seed: number): (bound: number) => number {
  const stream = new Integers(seed);
  return (bound) => stream.below(bound);
}

/**
 * Seeds a generator for a few dozen instructions. Each word of its state is a
 * one-to-one function of the run's number, so no two runs share a state, and
 * neighbours have nothing in common. The same holds of seeds.
 */
function generatorOf(seed: number, run: number) {
  const low = run | 0;
  const high = Math.floor(run / 2 ** 32) | 0;
  const word = (salt: number): number => mixed(mixed(mixed(seed ^ salt) ^ low) ^ high);
  return xoroshiro128plusFromState([
    word(0x243f6a88),
    word(0x85a308d3),
    word(0x13198a2e),
    word(0x03707344),
  ]);
}

/** The finalizer of MurmurHash3: one-to-one, every bit in depends on every bit out. */
function mixed(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
