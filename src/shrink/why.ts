import { callText } from '../../models/operations.js';
import type { Column } from '../../models/scenario.js';
import { traceOf } from '../core/trace.js';
import { ready } from './asked.js';
import { areOfTwo, dependentPairs, stepName, type Pair, type StepName } from './dependent.js';
import { flipsOfRuns, orderOf, type Flips } from './flips.js';
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
  /** Two columns that do the same, where each may play either part: then none is needed alone. */
  readonly twins?: Twins | undefined;
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
 * hit already, nobody can tell. Two columns that do the same can play each other's part:
 * where no order is needed, it is asked of both at once.
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
  const named = pairs.map((pair): Needed => {
    const [before, after] = [pair.before, pair.after].map((n) => stepName(trace, columns, n));
    return { before: before!, after: after!, pair };
  });
  const twins = twinsOf(test.scenario.columns);
  const plainly = neededOf(named, schedule, flips);
  const either = plainly.needed.length === 0 && plainly.open === 0 && twins;
  const found = either ? neededOf(named, schedule, flips, either) : plainly;
  const orders = found.needed.map(({ before, after }) => orderOf(before, after));
  const isEnough = orders.length === 0 ? false : flips.isEnough(orders);
  return {
    ...found,
    twins: either && orders.length > 0 ? either : undefined,
    isEnough,
    noReturn: noReturnOf(shrunk),
  };
}

/** @param twins where these may be exchanged */
function neededOf(
  all: readonly Needed[],
  schedule: Shrunk['schedule'],
  flips: Flips,
  twins?: Twins,
): Pick<Why, 'needed' | 'flipped' | 'open'> {
  const needed: Needed[] = [];
  let [flipped, open] = [0, 0];
  for (const one of all) {
    if (needed.some((n) => follows(one.pair, n.pair, schedule))) continue;
    if (flipped === MOST) {
      open++;
      continue;
    }
    const { before, after } = one;
    const order = orderOf(before, after);
    const same = twins ? [orderOf(exchanged(before, twins), exchanged(after, twins))] : [];
    const answer = flips.breaksWithout([order, ...same]);
    flipped++;
    if (answer === 'bound hit') open++;
    if (answer === 'no') needed.push(one);
  }
  const tightest = needed.filter((n) =>
    needed.every((m) => m === n || !follows(n.pair, m.pair, schedule)),
  );
  const inOrder = tightest.toSorted(
    (a, b) => a.pair.before - b.pair.before || a.pair.after - b.pair.after,
  );
  return { needed: inOrder, flipped, open };
}

type Twins = readonly [string, string];

const textOf = ({ calls }: Column): string => calls.map(callText).join(' ; ');

function twinsOf(columns: readonly Column[]): Twins | undefined {
  for (const [i, one] of columns.entries())
    for (const other of columns.slice(i + 1))
      if (textOf(one) === textOf(other)) return [one.name, other.name];
  return undefined;
}

function exchanged(step: StepName, [one, other]: Twins): StepName {
  const column = step.column === one ? other : step.column === other ? one : step.column;
  return { ...step, column };
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
