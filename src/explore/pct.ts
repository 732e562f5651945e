import { integers } from './random.js';
import type { Chooser, Walk } from './sampling.js';

/**
 * Probabilistic concurrency testing: the enabled actor of highest priority
 * runs; priorities are drawn at random, and at d-1 random moments of a run of
 * at most k steps the running actor falls below everybody else. A bug of depth
 * d in n actors is hit with probability at least 1 / (n k^(d-1)) a run.
 *
 * Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs, ASPLOS 2010.
 *
 * Two deviations. k is the longest run so far. An actor that is chosen again
 * and again without letting others run (a retry loop waiting for somebody of
 * lower priority) falls to the lowest priority after `patience` steps, or the
 * run would never end.
 */
export function pct(seed: number, depth: number, patience = 200): Chooser {
  const below = integers(seed);
  let priority: number[] = [];
  let changeAt = new Set<number>();
  let lowest = 0;
  let longest = 1;
  let last = -1;
  let inARow = 0;
  let skip = new Set<number>();
  let walked: Walk | undefined;

  const begin = (walk: Walk): void => {
    if (walked) longest = Math.max(longest, lastSteps);
    walked = walk;
    priority = shuffled(walk.nodes.length, below);
    changeAt = new Set(Array.from({ length: depth - 1 }, () => below(longest)));
    lowest = 0;
    last = -1;
    inARow = 0;
    skip = new Set();
  };
  let lastSteps = 0;

  const demote = (actor: number): void => void (priority[actor] = --lowest);

  const highest = (walk: Walk): number => {
    let best = -1;
    for (let i = 0; i < walk.runnable; i++) {
      const actor = walk.running[i]!;
      if (!skip.has(actor) && (best < 0 || priority[actor]! > priority[best]!)) best = actor;
    }
    if (best >= 0) return best;
    skip.clear();
    return walk.running[0]!;
  };

  const pick = (walk: Walk): number => {
    if (walk.steps !== lastSteps) skip.clear();
    lastSteps = walk.steps;
    let actor = highest(walk);
    inARow = actor === last ? inARow + 1 : 0;
    if (changeAt.delete(walk.steps) || inARow > patience) {
      demote(actor);
      inARow = 0;
      actor = highest(walk);
    }
    last = actor;
    return actor;
  };

  return {
    name: `PCT of depth ${depth}, seed ${seed}`,
    begin,
    pick,
    blocked: (actor) => void skip.add(actor),
    option: below,
  };
}

function shuffled(count: number, below: (bound: number) => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i + 1);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
