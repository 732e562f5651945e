import fc, { type Arbitrary } from 'fast-check';
import { picks, type Pick } from './plan.js';

/**
 * A schedule by priorities: who can move and comes first in the order runs.
 * Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs (PCT), ASPLOS 2010.
 */
export interface Priorities {
  /** Actors, the first to run first. Who is not named comes behind them, in turn. */
  readonly order: readonly number[];
  /**
   * Steps, counted from 1. Who takes one of these comes behind everybody who has
   * taken none, and behind who has taken one that is named before it.
   */
  readonly changes: readonly number[];
  readonly picks: readonly Pick[];
}

/** How many actors are put in order, and what PCT calls d and k. */
export interface PriorityConstraints {
  readonly actors?: number;
  /** Depth of the bugs that are looked for: one more than there are changes, at most. */
  readonly depth?: number;
  /** Steps of the longest run that a change should reach. */
  readonly maxStep?: number;
  readonly maxPicks?: number;
}

/** Schedules by priorities; they shrink to the actors in turn, with fewer and earlier changes. */
export function priorities(constraints: PriorityConstraints = {}): Arbitrary<Priorities> {
  const { actors = 4, depth = 3, maxStep = 120, maxPicks } = constraints;
  return fc.record({
    order: orders(actors),
    changes: fc.uniqueArray(fc.integer({ min: 1, max: Math.max(1, maxStep) }), {
      maxLength: Math.max(0, depth - 1),
    }),
    picks: picks(maxPicks),
  });
}

/** 0..count-1 in any order; each number says how far down the rest the next one is. */
const orders = (count: number): Arbitrary<number[]> =>
  fc.tuple(...Array.from({ length: count }, (_, i) => fc.nat(count - 1 - i))).map((places) => {
    const rest = places.map((_, actor) => actor);
    return places.map((place) => rest.splice(place, 1)[0]!);
  });
