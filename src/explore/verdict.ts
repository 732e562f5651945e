import type { Schedule } from '../core/schedule.js';
import type { Covered } from './bounds.js';

export type Footing = 'exhaustive' | 'hash-compact' | 'sampled';

/** What a search found, and what that rests on. */
export interface SearchResult {
  readonly verdict: 'violated' | 'holds' | 'undecided';
  /** null when a bound was hit, or when a violation needs no footing. */
  readonly footing: Footing | null;
  /** The property that broke: an invariant's id, `deadlock` or the condition. */
  readonly property: string | null;
  /** The run that breaks it, or that witnesses the condition. */
  readonly schedule: Schedule | null;
  readonly states: number;
  readonly transitions: number;
  /** Where states are told apart by signatures: the most that the chance of a missed one can be. */
  readonly missOdds?: number;
  /** Which bound was hit, or what was sampled; for people. */
  readonly note: string;
  /** Where a bound was hit: which, and what is known all the same. */
  readonly covered?: Covered;
}

/** Names of the properties that are not the model's own. */
export const DEADLOCK = 'deadlock';
export const CONDITION = 'condition';
