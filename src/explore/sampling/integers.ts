import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/**
 * A stream of random integers, one for each pair of a seed and a run. A run's
 * schedule then depends on nothing else: any range of runs can be drawn
 * anywhere, in any order.
 */
export class Integers {
  private generator;
  private bits = 0;
  private left = 0;

  constructor(seed: number, run = 0) {
    this.generator = generatorOf(seed, run);
  }

  /** Goes on with the stream of another run. */
  restart(seed: number, run: number): void {
    this.generator = generatorOf(seed, run);
    this.left = 0;
  }

  /**
   * An integer below `bound`, exactly uniform. A draw of 32 bits is used up a
   * few bits at a time: as many as the bound needs, again where they are too
   * large.
   */
  below(bound: number): number {
    const need = 32 - Math.clz32(bound - 1);
    for (;;) {
      if (this.left < need) {
        this.bits = this.generator.next();
        this.left = 32;
      }
      const value = need === 32 ? this.bits >>> 0 : this.bits & ((1 << need) - 1);
      this.bits >>>= need;
      this.left -= need;
      if (value < bound) return value;
    }
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
 * neighbours have nothing in common.
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
