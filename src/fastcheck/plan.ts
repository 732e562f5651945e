import fc, { type Arbitrary } from 'fast-check';

/** Before step `step`, the running actor gives way to the `other`-th of the enabled others. */
export interface Preemption {
  readonly step: number;
  readonly other: number;
}

/** The `choice`-th step with several enabled outcomes gets the `option`-th of them. */
export interface Pick {
  readonly choice: number;
  readonly option: number;
}

/**
 * A schedule as its differences from the plainest one, in which an actor runs
 * until it is finished, blocked or spins, and every outcome is the default.
 * Fewer differences are a simpler schedule, and that is how it shrinks.
 */
export interface Plan {
  readonly preemptions: readonly Preemption[];
  readonly picks: readonly Pick[];
}

/** The schedule without a preemption. */
export const PLAINEST: Plan = { preemptions: [], picks: [] };

/** How many preemptions a plan may have, and how late they may come. */
export interface PlanConstraints {
  readonly maxPreemptions?: number;
  /** Steps of the longest run that a preemption should reach. */
  readonly maxStep?: number;
  readonly maxPicks?: number;
}

/** Plans; they shrink to fewer and earlier differences. */
export function plans(constraints: PlanConstraints = {}): Arbitrary<Plan> {
  const { maxPreemptions = 6, maxStep = 120, maxPicks } = constraints;
  // Most runs are short, and most races need one or two switches.
  const step = fc.oneof(fc.nat(maxStep >> 2), fc.nat(maxStep >> 1), fc.nat(maxStep));
  const preemption = fc.record({ step, other: fc.nat(2) });
  return fc.record({
    preemptions: fc.oneof(
      fc.uniqueArray(preemption, {
        maxLength: Math.min(2, maxPreemptions),
        selector: (p) => p.step,
      }),
      fc.uniqueArray(preemption, { maxLength: maxPreemptions, selector: (p) => p.step }),
    ),
    picks: picks(maxPicks),
  });
}

/** Outcomes that are not the default; they shrink to fewer, of earlier choices. */
export function picks(maxLength = 3): Arbitrary<Pick[]> {
  const pick = fc.record({ choice: fc.nat(7), option: fc.integer({ min: 1, max: 2 }) });
  return fc.uniqueArray(pick, { maxLength, selector: (p) => p.choice });
}
