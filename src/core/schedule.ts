/** One scheduling decision: who moves, and which outcome its step gets. */
export interface Decision {
  readonly actor: number;
  readonly option: number;
}

export type Schedule = readonly Decision[];

/**
 * Number of preemptions: switches away from an actor that could have gone on.
 * @param canGoOn tells whether the actor of decision i-1 was enabled before i.
 */
export function preemptions(schedule: Schedule, canGoOn: (i: number) => boolean): number {
  let count = 0;
  for (let i = 1; i < schedule.length; i++)
    if (schedule[i]!.actor !== schedule[i - 1]!.actor && canGoOn(i)) count++;
  return count;
}
