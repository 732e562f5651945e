import { strategyOf } from '../explore/sampling/named.js';
import type { Sampling, Strategy } from '../explore/sampling/strategy.js';
import { PCT_DEPTH } from './defaults.js';
import type { CheckOptions } from './question.js';

/** Steps after which a sampled run is given up: retry loops need not end. */
const MAX_RUN = 20_000;

/** How schedules are to be drawn; undefined where states are searched. */
export function sampledBy({ strategy, depth }: CheckOptions): Strategy | undefined {
  if (strategy === 'exhaustive' || strategy === 'contexts') return undefined;
  return strategyOf(strategy, depth ?? PCT_DEPTH);
}

export function samplingOf({ runs, seed }: CheckOptions): Sampling {
  return { runs, seed, maxSteps: MAX_RUN };
}
