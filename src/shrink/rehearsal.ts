import type { Schedule } from '../core/schedule.js';
import { planOf, runSchedule, smallerPlan, withoutCircles } from '../fastcheck/index.js';
import { Run } from '../core/run.js';
import { traceOf } from '../core/trace.js';
import type { Ready } from './asked.js';
import { isAt, retold, told, type Block, type Told } from './blocks.js';
import { merged } from './merge.js';

type At = Pick<Ready, 'machine' | 'goal'>;

/** Re-executions that fast-check gets, and those that turns are merged with. */
const [PLANS, MERGES] = [120, 120];

/**
 * Somebody's run, executed again and again: with fewer turns, and in smaller
 * scenarios. What it shows is shown; what it does not show may be so all the same.
 */
export class Rehearsal {
  /** Times that a run was executed. */
  count = 0;

  constructor(private run: Told) {}

  /** Does the run, as far as it can be had here, break it here? Then it is this one from now on. */
  breaks({ machine, goal }: At): boolean {
    this.count++;
    const found = retold(machine, goal, this.run);
    if (found) this.run = told(machine, found);
    return found !== undefined;
  }

  /** A run with as few turns as it takes few executions to find; undefined where none breaks it. */
  smaller(at: At): Schedule | undefined {
    this.count++;
    const first = retold(at.machine, at.goal, this.run);
    if (!first) return undefined;
    const plain = withoutCircles(at.machine, first);
    const planned = this.byFastCheck(at, plain);
    // Fewer turns may be more preemptions, where nobody had to wait for a turn that is gone.
    const [least] = [this.byMerging(at, planned), planned, plain]
      .map((schedule) => ({ schedule, ...traceOf(at.machine, schedule) }))
      .toSorted((a, b) => a.preemptions - b.preemptions || a.steps.length - b.steps.length);
    this.run = told(at.machine, least!.schedule);
    return least!.schedule;
  }

  /** fast-check's shrinker, on the plan that the run is. */
  private byFastCheck(at: At, schedule: Schedule): Schedule {
    let least = schedule;
    const breaks = this.asking((found) => (least = found));
    const plan = planOf(at.machine, schedule);
    smallerPlan(plan, (p) => breaks(upToGoal(at, runSchedule(at.machine, p).schedule)), PLANS);
    return withoutCircles(at.machine, least);
  }

  private byMerging(at: At, schedule: Schedule): Schedule {
    let least = schedule;
    const breaks = this.asking((found) => (least = found));
    const { blocks, outcomes } = told(at.machine, schedule);
    const end = this.count + MERGES;
    const isBroken = (fewer: readonly Block[]): boolean =>
      this.count < end && breaks(retold(at.machine, at.goal, { blocks: fewer, outcomes }));
    merged(blocks, isBroken);
    return least;
  }

  /** Counts executions, and keeps the last one that came to the goal. */
  private asking(keep: (found: Schedule) => void) {
    return (found: Schedule | undefined): boolean => {
      this.count++;
      if (found) keep(found);
      return found !== undefined;
    };
  }
}

/** A run as far as the goal; undefined where it does not come to it. */
function upToGoal({ machine, goal }: At, schedule: Schedule): Schedule | undefined {
  const run = new Run(machine);
  for (const decision of schedule) {
    if (isAt(goal, run)) return run.decisions;
    run.take(decision);
  }
  return isAt(goal, run) ? run.decisions : undefined;
}
