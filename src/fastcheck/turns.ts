import type { Plan } from './plan.js';
import type { Priorities } from './priorities.js';

/** A schedule that is drawn: preemptions of running on, or priorities. */
export type Drawn = Plan | Priorities;

/** What is known before a step. */
export interface Before {
  /** Steps taken so far. */
  readonly step: number;
  /** Who took the last one. */
  readonly current: number;
  /** Who can move, in turn from `current` on. */
  readonly enabled: readonly number[];
  /** Is this a state that `current` has been in since it took over? */
  readonly spins: () => boolean;
}

/** Says who takes the next step. */
export type Turns = (before: Before) => number;

/** @param actors how many there are */
export const turnsOf = (drawn: Drawn, actors: number): Turns =>
  'order' in drawn ? byPriority(drawn, actors) : byPreemption(drawn);

function byPreemption({ preemptions }: Plan): Turns {
  const switches = new Map(preemptions.map((p) => [p.step, p.other]));
  return ({ step, current, enabled, spins }) => {
    const other = switches.get(step);
    const others = enabled.filter((actor) => actor !== current);
    const stays = other === undefined && enabled.includes(current);
    if (others.length === 0 || (stays && !spins())) return enabled[0]!;
    return others[(other ?? 0) % others.length]!;
  };
}

/** Who goes round in a circle comes behind the others, too, or some runs would never end. */
function byPriority({ order, changes }: Priorities, actors: number): Turns {
  const line = [...new Set([...order, ...Array(actors).keys()])];
  /** Of each actor; the least goes first. */
  const place = line.map((_, actor) => line.indexOf(actor));
  let last = line.length + changes.length;
  return ({ step, current, enabled, spins }) => {
    if (changes.includes(step)) place[current] = line.length + changes.indexOf(step);
    else if (enabled.includes(current) && spins()) place[current] = last++;
    return enabled.toSorted((a, b) => place[a]! - place[b]!)[0]!;
  };
}
