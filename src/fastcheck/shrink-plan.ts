import fc from 'fast-check';
import type { Machine } from '../core/machine.js';
import { plans, type Plan } from './plan.js';
import { runSchedule } from './run-schedule.js';

/**
 * A plan with fewer and earlier differences that still breaks the same
 * property of the same machine. Smallest for fast-check, not proven to be.
 */
export function shrinkPlan(machine: Machine, plan: Plan, property: string): Plan {
  const keeps = fc.property(plans(), (p) => runSchedule(machine, p).broken !== property);
  const { counterexample } = fc.check(keeps, { examples: [[plan]], numRuns: 1 });
  return counterexample?.[0] ?? plan;
}
