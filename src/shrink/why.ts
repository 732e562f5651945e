import type { LitmusTest } from '../../models/language/index.js';
import type { Event, OrderText, Value } from '../litmus/ast.js';
import { traceOf } from '../core/trace.js';
import { memoized, type Goal } from '../explore/goal.js';
import { reach } from '../explore/reach.js';
import { ready, type Asked } from './asked.js';
import { dependentPairs, stepName, type Pair, type StepName } from './dependent.js';
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
}

/** Orders that are turned round at most. */
const MOST = 400;

/**
 * Turns round the order of each two dependent steps in turn, and looks in all
 * runs for one that breaks the property all the same. Where there is none, the
 * order is needed; those that follow from another one are left out. Where it takes
 * all runs to break it, or where a bound was hit already, nobody can tell.
 */
export function whyOf({ least, schedule, asked, lasso, isLeast }: Shrunk): Why | undefined {
  if (lasso || !isLeast) return undefined;
  const { test } = least;
  const columns = test.scenario.columns.map((c) => c.name);
  const trace = traceOf(least.machine, schedule);
  const pairs = dependentPairs(ready(test, asked).machine, schedule);
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
    const answer = breaksOtherwise(test, asked, orderOf(before, after));
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
  return { needed: inOrder, isEnough: isEnoughOf(test, asked, inOrder), flipped, open };
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

/** Does a run break it in which the order is never seen? */
function breaksOtherwise(test: LitmusTest, asked: Asked, order: OrderText) {
  const { machine, built, goal } = ready(asking(test, [order]), asked);
  const observer = built.world.observer!;
  const isUnseen = memoized((m) => machine.inspect(m, () => !observer.holds(0)));
  const flippedGoal: Goal = { ...goal, holds: (m) => goal.holds(m) && isUnseen(m) };
  return reach(machine, flippedGoal, asked.maxStates).answer;
}

function isEnoughOf(
  test: LitmusTest,
  asked: Asked,
  needed: readonly Needed[],
): boolean | undefined {
  if (needed.length === 0) return false;
  const orders = needed.map(({ before, after }) => orderOf(before, after));
  const { machine, built } = ready(asking(test, orders), asked);
  const observer = built.world.observer!;
  const all = (m: number): boolean =>
    machine.inspect(m, () => orders.every((_, i) => observer.holds(i)));
  const { answer } = reach(machine, { among: 'final', holds: all }, asked.maxStates);
  return answer === 'bound hit' ? undefined : answer === 'no';
}

/** The test with other orders watched. */
const asking = (test: LitmusTest, orders: readonly OrderText[]): LitmusTest => ({
  ...test,
  scenario: { ...test.scenario, orders },
});

const value = (text: string): Value => ({ text, number: undefined, at: { line: 0, column: 0 } });

const event = ({ column, fn, label }: StepName): Event => ({
  column: value(column),
  name: value(fn),
  label: value(label),
});

const orderOf = (before: StepName, after: StepName): OrderText => ({
  kind: 'sequence',
  events: [event(before), event(after)],
});
