import { pct } from './pct.js';
import { portfolio } from './portfolio.js';
import { randomWalk } from './random.js';
import type { Strategy } from './strategy.js';
import { uniformWalk } from './uniform.js';

/** Names of the strategies that sample. */
export type Sampled = 'random' | 'pct' | 'urw' | 'portfolio';

/** @param depth of the bugs that PCT aims at. */
export function strategyOf(name: Sampled, depth: number): Strategy {
  if (name === 'pct') return pct(depth);
  if (name === 'urw') return uniformWalk();
  return name === 'portfolio' ? portfolio() : randomWalk();
}
