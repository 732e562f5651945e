import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Chooser } from './sampling.js';

/**
 * Integers below `bound`, exactly uniform. A draw of 32 bits is used up a few
 * bits at a time: as many as the bound needs, again where they are too large.
 */
export function integers(seed: number): (bound: number) => number {
  const generator = xoroshiro128plus(seed);
  let bits = 0;
  let left = 0;
  return (bound) => {
    const need = 32 - Math.clz32(bound - 1);
    for (;;) {
      if (left < need) {
        bits = generator.next();
        left = 32;
      }
      const value = need === 32 ? bits >>> 0 : bits & ((1 << need) - 1);
      bits >>>= need;
      left -= need;
      if (value < bound) return value;
    }
  };
}

/** Random walk: at every step each enabled actor is equally likely. */
export function randomWalk(seed: number): Chooser {
  const below = integers(seed);
  return {
    name: `random walk, seed ${seed}`,
    begin: () => {},
    pick: (walk) => walk.running[below(walk.runnable)]!,
    blocked: () => {},
    option: below,
  };
}
