import type { Machine } from '../core/machine.js';
import { Run } from '../core/run.js';
import type { Decision, Schedule } from '../core/schedule.js';
import type { Pick, Plan, Preemption } from './plan.js';
import { enabledInTurn } from './run-schedule.js';

/** A schedule without the steps between two times that it is in the same state. */
export function withoutCircles(machine: Machine, schedule: Schedule): Schedule {
  const run = new Run(machine);
  const key = (): string => `${run.memory} ${run.nodes.join(' ')}`;
  const kept: Decision[] = [];
  /** The states that these pass through. */
  const keys = [key()];
  for (const decision of schedule) {
    run.take(decision);
    const before = keys.indexOf(key());
    kept.push(decision);
    keys.push(key());
    if (before < 0) continue;
    kept.length = before;
    keys.length = before + 1;
  }
  return kept;
}

/** The plan that a schedule is. @param schedule one that goes in no circle */
export function planOf(machine: Machine, schedule: Schedule): Plan {
  const run = new Run(machine);
  const preemptions: Preemption[] = [];
  const picks: Pick[] = [];
  let [current, choice] = [0, 0];
  for (const [step, decision] of schedule.entries()) {
    const open = enabledInTurn(run, current);
    if (decision.actor !== open[0]!.actor) {
      const others = open.filter((o) => o.actor !== current);
      preemptions.push({ step, other: others.findIndex((o) => o.actor === decision.actor) });
    }
    current = decision.actor;
    const { options } = open.find((o) => o.actor === current)!;
    if (options.length > 1) {
      const option = options.indexOf(decision.option);
      if (option > 0) picks.push({ choice, option });
      choice++;
    }
    run.take(decision);
  }
  return { preemptions, picks };
}
