import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Chooser } from './sampling.js';

/** Integers below `bound`, uniform up to 2^-32. */
export function integers(seed: number): (bound: number) => number {
  const generator = xoroshiro128plus(seed);
  return (bound) => Math.floor(((generator.next() >>> 0) / 0x1_0000_0000) * bound);
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
