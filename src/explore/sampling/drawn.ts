import type { Schedule } from '../../core/schedule.js';

/**
 * What a range of runs came to: plain data, so that ranges can be drawn by
 * several threads and joined.
 */
export interface Drawn {
  /** Number of the first run. */
  readonly first: number;
  /** Runs made, the one that broke something included. */
  readonly runs: number;
  readonly transitions: number;
  /** Steps of the longest run. */
  readonly longest: number;
  /** Runs given up after so many steps. */
  readonly cut: number;
  /** n and k, where they were measured. */
  readonly measured: { readonly actors: number; readonly steps: number } | undefined;
  /** Of the runs of PCT, those that its bound has a reservation about. */
  readonly reserved: Reserved;
  /** The first run that ends as an `exists` wants it. */
  readonly witness: Witness | undefined;
  readonly found: Found | undefined;
}

/** Runs of PCT, counted by what its theorem does not provide for. */
export interface Reserved {
  /** Runs of more than k steps. */
  readonly beyond: number;
  /** Runs in which an actor was held back that waited in a loop. */
  readonly spun: number;
  /** Runs in which an outcome was drawn. */
  readonly chosen: number;
}

/** A run that shows what was asked for. The runs after it are made all the same. */
export interface Witness {
  /** Below 0 for a run that was to measure. */
  readonly run: number;
  readonly schedule: Schedule;
}

/** The first run that breaks something: no other is made after it. */
export interface Found extends Witness {
  readonly property: string;
}

export const NOTHING: Reserved = { beyond: 0, spun: 0, chosen: 0 };

/**
 * Two adjacent ranges as one. What comes after a run that broke something was
 * not to be drawn at all, and does not count.
 */
export function join(a: Drawn, b: Drawn): Drawn {
  if (a.found) return a;
  if (b.found && b.found.run < 0) return { ...b, first: a.first };
  return {
    first: a.first,
    runs: a.runs + b.runs,
    transitions: a.transitions + b.transitions,
    longest: Math.max(a.longest, b.longest),
    cut: a.cut + b.cut,
    measured: a.measured,
    reserved: {
      beyond: a.reserved.beyond + b.reserved.beyond,
      spun: a.reserved.spun + b.reserved.spun,
      chosen: a.reserved.chosen + b.reserved.chosen,
    },
    witness: a.witness ?? b.witness,
    found: b.found,
  };
}
