/** Schedules as fast-check values, and the pieces that scenarios are made of. */
export {
  PLAINEST,
  plans,
  type Pick,
  type Plan,
  type PlanConstraints,
  type Preemption,
} from './plan.js';
export { priorities, type Priorities, type PriorityConstraints } from './priorities.js';
export { clip, ranges, type Range } from './ranges.js';
export { planOf, withoutCircles } from './plan-of.js';
export { runSchedule, type PlannedRun } from './run-schedule.js';
export { type Drawn } from './turns.js';
export { shrinkPlan, smallerPlan } from './shrink-plan.js';
