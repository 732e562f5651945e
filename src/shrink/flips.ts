import type { LitmusTest } from '../../models/language/index.js';
import type { Event, OrderText, Value } from '../litmus/ast.js';
import { memoized, type Goal } from '../explore/goal.js';
import { reach } from '../explore/reach.js';
import { ready, type Asked } from './asked.js';
import type { StepName } from './dependent.js';

/** What orders of steps have to do with what breaks, asked of all runs of a test. */
export interface Flips {
  /** Does it break although none of these orders is ever seen? */
  readonly breaksWithout: (orders: readonly OrderText[]) => 'yes' | 'no' | 'bound hit';
  /** Does every run that has all of these orders break it? undefined = not known. */
  readonly isEnough: (orders: readonly OrderText[]) => boolean | undefined;
}

/** Of a property that a run breaks by itself. */
export const flipsOfRuns = (test: LitmusTest, asked: Asked): Flips => ({
  breaksWithout: (orders) => {
    const { machine, isUnseen: unseen, goal } = watched(test, asked, orders);
    const isUnseen = memoized(unseen);
    const flipped: Goal = { ...goal, holds: (m) => goal.holds(m) && isUnseen(m) };
    return reach(machine, flipped, asked.maxStates).answer;
  },
  isEnough: (orders) => {
    const { machine, isSeen, goal } = watched(test, asked, orders);
    const isSeenInVain = (m: number): boolean =>
      isSeen(m) && !(goal.among === 'final' && goal.holds(m));
    const isOver = (m: number): boolean => goal.among === 'all' && goal.holds(m);
    const vain: Goal = { among: 'final', holds: isSeenInVain };
    const { answer } = reach(machine, vain, asked.maxStates, isOver);
    return answer === 'bound hit' ? undefined : answer === 'no';
  },
});

/** The test with orders watched: memories in which all of them have been seen, or none. */
export function watched(test: LitmusTest, asked: Asked, orders: readonly OrderText[]) {
  const asking = { ...test, scenario: { ...test.scenario, orders } };
  const { machine, built, goal } = ready(asking, asked);
  const observer = built.world.observer!;
  const isSeen = (memory: number): boolean =>
    machine.inspect(memory, () => orders.every((_, i) => observer.holds(i)));
  const isUnseen = (memory: number): boolean =>
    machine.inspect(memory, () => !orders.some((_, i) => observer.holds(i)));
  return { machine, goal, isSeen, isUnseen };
}

const value = (text: string): Value => ({ text, number: undefined, at: { line: 0, column: 0 } });

const event = ({ column, fn, label }: StepName): Event => ({
  column: value(column),
  name: value(fn),
  label: value(label),
});

/** One step before another one, as a condition says it. */
export const orderOf = (before: StepName, after: StepName): OrderText => ({
  kind: 'sequence',
  events: [event(before), event(after)],
});
