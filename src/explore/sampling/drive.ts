import { DEADLOCK } from '../verdict.js';
import { WITNESS, type Checker } from './checker.js';
import type { Chooser } from './strategy.js';
import type { Walk } from './walk.js';

/** What `drive` gives for a run that was given up. */
export const CUT = 'cut short';

/** Is a run's end one that shows something broken? */
export function isBroken(end: string | undefined): end is string {
  return end !== undefined && end !== CUT && end !== WITNESS;
}

/**
 * Makes one run, as number `run`, and checks every state that it passes
 * through. A pick that turns out to be blocked is made again.
 * @returns what it broke, or CUT, or WITNESS, or nothing
 */
export function drive(
  walk: Walk,
  run: number,
  chooser: Chooser,
  checker: Checker,
): string | undefined {
  walk.restart(run);
  chooser.begin(walk);
  let broken = checker.state(walk.memory);
  let refused = 0;
  while (broken === undefined && walk.runnable > 0) {
    if (walk.steps === walk.maxSteps) return CUT;
    const actor = chooser.pick(walk);
    if (walk.move(actor)) {
      refused = 0;
      broken = checker.state(walk.memory);
    } else {
      chooser.blocked(actor);
      if (++refused >= walk.runnable && walk.isStuck) return DEADLOCK;
    }
  }
  return broken ?? checker.final(walk.memory);
}
