import { traceOf } from '../core/trace.js';
import { ready } from './asked.js';
import { areOfTwo, dependentPairs, stepName, type Pair, type StepName } from './dependent.js';
import { flipsOfRuns, orderOf } from './flips.js';
import { flipsOfProgress, noReturnOf, type NoReturn } from './flips-of-progress.js';
import type { Shrunk } from './shrink.js';

/** A step that comes before another one in every run that breaks the property. */
export interface Needed {
  readonly before: StepName;
  readonly after: StepName;
  readonly pair: Pair;
}

/** Why it breaks: the orders without which it does not. */
export interface Why {
  readonly needed: readonly Needed[];
  /** Does every run that has all of these orders break it? undefined = a bound was hit. */
  readonly isEnough: boolean | undefined;
  /** Orders that were turned round, and what of that nobody knows. */
  readonly flipped: number;
  readonly open: number;
  /** Of what is doomed: where it becomes so. */
  readonly noReturn: NoReturn | 'start' | undefined;
}

/** Orders that are turned round at most. */
const MOST = 400;

/**
 * Turns round the order of each two dependent steps in turn, and looks in all
 * runs for one that breaks the property all the same. Where there is none, the
 * order is needed; those that follow from another one are left out. Where a bound was
 * hit already, nobody can tell.
 */
export function whyOf(shrunk: Shrunk): Why | undefined {
  const { least, schedule, asked, lasso, isLeast } = shrunk;
  if (!isLeast) return undefined;
  const { test } = least;
  const flips = (lasso ? flipsOfProgress : flipsOfRuns)(test, asked);
  const columns = test.scenario.columns.map((c) => c.name);
  const trace = traceOf(least.machine, schedule);
  // A shortest way to where nobody gets on has more turns than it takes.
  const near = lasso && areOfTwo;
  const pairs = dependentPairs(ready(test, asked).machine, schedule, near);
  const needed: Needed[] = [];
  let [flipped, open] = [0, 0];
  for (const pair of pairs) {
    if (needed.some((n) => follows(pair, n.pair, schedule))) continue;
    if (flipped === MOST) {
      open++;
      continue;
    }
    const before = stepName(trace, columns, pair.before);
    const after = stepName(trace, columns, pair.after);
    const answer = flips.breaksWithout(orderOf(before, after));
    flipped++;
    if (answer === 'bound hit') open++;
    if (answer === 'no') needed.push({ before, after, pair });
  }
  const tightest = needed.filter((n) =>
    needed.every((m) => m === n || !follows(n.pair, m.pair, schedule)),
  );
  const inOrder = tightest.toSorted(
    (a, b) => a.pair.before - b.pair.before || a.pair.after - b.pair.after,
  );
  const orders = inOrder.map(({ before, after }) => orderOf(before, after));
  const isEnough = orders.length === 0 ? false : flips.isEnough(orders);
  return { needed: inOrder, isEnough, flipped, open, noReturn: noReturnOf(shrunk) };
}

/** What is before the first of two, and what is behind the second, is in that order, too. */
function follows(pair: Pair, from: Pair, schedule: Shrunk['schedule']): boolean {
  const actorOf = (step: number): number => schedule[step]!.actor;
  return (
    actorOf(pair.before) === actorOf(from.before) &&
    actorOf(pair.after) === actorOf(from.after) &&
    pair.before <= from.before &&
    from.after <= pair.after
  );
}
