import { conflict } from '../core/footprint.js';
import type { Machine } from '../core/machine.js';
import { Run } from '../core/run.js';
import type { Schedule } from '../core/schedule.js';
import type { Trace, TraceStep } from '../core/trace.js';

/** Two steps of a run, by number, that do not commute: one sees or undoes what the other does. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

/**
 * Pairs of dependent steps of different actors, those nearest to each other first.
 * @param machine one that has made no move so far
 * @param areNear which steps are asked
 */
export function dependentPairs(
  machine: Machine,
  schedule: Schedule,
  areNear: Near = areNeighbours,
): Pair[] {
  const footprints = footprintsOf(machine, schedule);
  const words = machine.touches.footprints.width / 3;
  const pairs: Pair[] = [];
  for (let after = 1; after < schedule.length; after++)
    for (let before = after - 1; before >= 0; before--)
      if (
        areNear(schedule, before, after) &&
        conflict(footprints[before]!, 0, footprints[after]!, 0, words)
      )
        pairs.push({ before, after });
  return pairs.toSorted((a, b) => a.after - a.before - (b.after - b.before) || a.after - b.after);
}

/** Steps of a run, by number, that some step of another actor does not commute with. */
export function stepsOthersTouch(machine: Machine, schedule: Schedule): ReadonlySet<number> {
  const pairs = dependentPairs(machine, schedule, areOfTwo);
  return new Set(pairs.flatMap(({ before, after }) => [before, after]));
}

function footprintsOf(machine: Machine, schedule: Schedule): Int32Array[] {
  machine.keepFootprints();
  const run = new Run(machine);
  return schedule.map((decision) => {
    const at = machine.look(run.memory, run.nodes[decision.actor]! + decision.option);
    const footprint = machine.touches.footprints.at(machine.moves.footprintAt(at));
    run.take(decision);
    return footprint;
  });
}

type Near = (schedule: Schedule, before: number, after: number) => boolean;

/** Two steps of different actors, wherever they are. */
export const areOfTwo: Near = (schedule, before, after) =>
  schedule[before]!.actor !== schedule[after]!.actor;

/** Are they in blocks that follow each other, as far as these two actors go? */
function areNeighbours(schedule: Schedule, before: number, after: number): boolean {
  const [first, second] = [schedule[before]!.actor, schedule[after]!.actor];
  if (first === second) return false;
  let hasChanged = false;
  for (let i = before + 1; i < after; i++) {
    const { actor } = schedule[i]!;
    if (actor === second) hasChanged = true;
    if (actor === first && hasChanged) return false;
  }
  return true;
}

/** A step as a condition names it: whose, of which function, and its label. */
export interface StepName {
  readonly column: string;
  readonly fn: string;
  readonly label: string;
  /** In this run its label alone says which step of the column it is. */
  readonly isUnique: boolean;
}

export function stepName({ steps }: Trace, columns: readonly string[], index: number): StepName {
  const { actor, label, ...step } = steps[index]!;
  const fn = functionOf(step);
  const isUnique = steps.every(
    (s) => s.actor !== actor || s.label !== label || functionOf(s) === fn,
  );
  return { column: columns[actor]!, fn, label, isUnique };
}

const functionOf = ({ frames }: Pick<TraceStep, 'frames'>): string => frames.at(-1)?.name ?? '';
