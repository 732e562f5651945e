import type { Witness } from './drawn.js';
import type { Walk } from './walk.js';

/** Which schedules to draw, from which seed, and when to give one up. */
export interface Sampling {
  readonly runs: number;
  readonly seed: number;
  readonly maxSteps: number;
  /** Number of the first run: so that others can draw those before it. */
  readonly first?: number;
}

/** What the runs before the first one found out. It is fixed from then on. */
export interface Profile {
  /** n: actors. */
  readonly actors: number;
  /** k: steps of the longest run. */
  readonly steps: number;
  /** Mean number of steps that the actor still takes, by local node. */
  readonly remaining: Remaining;
  /** The first of these runs that ended as an `exists` wants it. */
  readonly witness?: Witness | undefined;
}

/** Mean remaining steps by local node, in 1/SCALE steps; nothing where none was measured. */
export type Remaining = readonly (number | undefined)[];

/** Fractions of a step that are kept, so that weights are integers. */
export const SCALE = 16;

/** Chooses who moves next. It may remember things of one run, never of another. */
export interface Chooser {
  /** A new run begins. */
  begin(walk: Walk): void;
  /** The actor to try next; it may turn out to be blocked. */
  pick(walk: Walk): number;
  /** The picked actor was blocked. */
  blocked(actor: number): void;
}

/** One way of choosing. */
export interface Member {
  readonly name: string;
  /** Depth of the bugs that PCT aims at; other members aim at none. */
  readonly depth?: number;
  readonly isProfiled: boolean;
  chooser(profile: Profile): Chooser;
}

/** Members that take turns: run i is made by member i modulo their number. */
export interface Strategy {
  readonly name: string;
  readonly members: readonly Member[];
}

export function alone(member: Member): Strategy {
  return { name: member.name, members: [member] };
}

/** Which member makes this run? */
export function memberOf(strategy: Strategy, run: number): number {
  return run % strategy.members.length;
}
