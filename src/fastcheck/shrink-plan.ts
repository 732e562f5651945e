import fc, { type Arbitrary } from 'fast-check';
import type { Machine } from '../core/machine.js';
import { plans, type Plan } from './plan.js';
import { runSchedule } from './run-schedule.js';

/**
 * A plan with fewer and earlier differences that still breaks the same
 * property of the same machine. Smallest for fast-check, not proven to be.
 */
export const shrinkPlan = (machine: Machine, plan: Plan, property: string): Plan =>
  shrunkPlan(plan, plans(), (p) => runSchedule(machine, p).broken === property);

/**
 * The same for a plan of any length, by any other question.
 * @param most times that it is asked
 */
export function smallerPlan(plan: Plan, breaks: (plan: Plan) => boolean, most: number): Plan {
  let asked = 0;
  return shrunkPlan(plan, plansUpTo(plan), (p) => asked++ < most && breaks(p));
}

function shrunkPlan(plan: Plan, among: Arbitrary<Plan>, breaks: (plan: Plan) => boolean): Plan {
  const keeps = fc.property(among, (p) => !breaks(p));
  const { counterexample } = fc.check(keeps, { examples: [[plan]], numRuns: 1 });
  return counterexample?.[0] ?? plan;
}

/** Plans whose every number is at most what it is in this one. */
function plansUpTo({ preemptions, picks }: Plan): Arbitrary<Plan> {
  const preemption = fc.record({
    step: upTo(preemptions.map((p) => p.step)),
    other: upTo(preemptions.map((p) => p.other)),
  });
  const pick = fc.record({
    choice: upTo(picks.map((p) => p.choice)),
    option: upTo(picks.map((p) => p.option)),
  });
  return fc.record({
    preemptions: fc.uniqueArray(preemption, {
      maxLength: preemptions.length,
      selector: (p) => p.step,
    }),
    picks: fc.uniqueArray(pick, { maxLength: picks.length, selector: (p) => p.choice }),
  });
}

const upTo = (numbers: readonly number[]): Arbitrary<number> => fc.nat(Math.max(0, ...numbers));
