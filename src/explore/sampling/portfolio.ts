import { pctMember } from './pct.js';
import { randomMember } from './random.js';
import type { Strategy } from './strategy.js';
import { uniformMember } from './uniform.js';

const DEPTHS = [1, 2, 3, 4];

/**
 * Each of the others in turn, as none is best for every bug: a bug that many
 * interleavings have is found by walks, one that asks for few changes of turn,
 * far apart in long runs, by PCT.
 */
export function portfolio(): Strategy {
  return {
    name: 'portfolio of random walk, URW and PCT of depth 1 to 4',
    members: [randomMember, uniformMember, ...DEPTHS.map(pctMember)],
  };
}
