import { integers } from './random.js';
import type { Chooser, Walk } from './sampling.js';

/**
 * Probabilistic concurrency testing: the enabled actor of highest priority
 * runs. Priorities are drawn at random, and so are d-1 steps of a run of at
 * most k: whoever takes the i-th of these gets priority -i, below everybody
 * who took none. A bug of depth d in n actors is hit with probability at least
 * 1 / (n k^(d-1)) a run.
 *
 * Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs, ASPLOS 2010.
 *
 * Two deviations. k is the longest run so far. An actor that takes more than
 * `patience` steps without letting others run (a retry loop waiting for
 * somebody of lower priority) falls to the lowest priority, or the run would
 * never end.
 */
export function pct(seed: number, depth: number, patience = 200): Chooser {
  const below = integers(seed);
  let priority: number[] = [];
  let changes = new Map<number, number>();
  let lowest = 0;
  let longest = 1;
  let steps = 0;
  let picked = -1;
  let last = -1;
  let inARow = 0;
  const blocked = new Set<number>();

  const begin = (walk: Walk): void => {
    priority = shuffled(walk.nodes.length, below);
    changes = new Map();
    for (let i = 1; i < depth; i++) changes.set(1 + below(longest), -i);
    lowest = -depth;
    steps = 0;
    last = -1;
    blocked.clear();
  };

  // Only an actor that moved is demoted: one that was picked and found blocked
  // took no step, and must not use up a change meant for the one that did.
  const stepTaken = (walk: Walk): void => {
    steps = walk.steps;
    longest = Math.max(longest, steps);
    blocked.clear();
    inARow = picked === last ? inARow + 1 : 1;
    last = picked;
    const change = changes.get(steps);
    if (change !== undefined) priority[picked] = change;
    if (inARow > patience) {
      priority[picked] = --lowest;
      inARow = 0;
    }
  };

  const highest = (walk: Walk): number => {
    let best = -1;
    for (let i = 0; i < walk.runnable; i++) {
      const actor = walk.running[i]!;
      if (!blocked.has(actor) && (best < 0 || priority[actor]! > priority[best]!)) best = actor;
    }
    return best;
  };

  const pick = (walk: Walk): number => {
    if (walk.steps !== steps) stepTaken(walk);
    picked = highest(walk);
    return picked >= 0 ? picked : (picked = walk.running[0]!);
  };

  return {
    name: `PCT of depth ${depth}, seed ${seed}`,
    begin,
    pick,
    blocked: (actor) => void blocked.add(actor),
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
