import type { Covered } from '../explore/bounds.js';
import type { SearchResult } from '../explore/verdict.js';
import type { Waiter } from './holders.js';

/** One line of the machine-readable answer; the field names are a contract. */
export interface CheckResult {
  readonly test: string;
  readonly title: string;
  readonly protocol: string;
  readonly memory: string;
  readonly verdict: SearchResult['verdict'];
  readonly footing: SearchResult['footing'];
  readonly property: string | null;
  readonly states: number;
  readonly transitions: number;
  /** Length of the run that breaks the property or is the witness. */
  readonly steps: number | null;
  readonly preemptions: number | null;
  readonly progress: 'checked' | 'not checked';
  readonly token: string | null;
  /** Whether the file says that this happens; `holds` where it says nothing. */
  readonly expected: boolean;
  /** With --hash-compact: the most that the chance can be that a state was missed. */
  readonly missOdds?: number;
  /** What the verdict rests on, in words. */
  readonly note: string;
  /** Where a bound was hit: which, and what is known all the same. */
  readonly covered?: Covered;
  /** Where a search was stopped of which no checkpoint can be had: why. */
  readonly unsaved?: string;
  /** Where nobody can move: who waits for what, and holds what. */
  readonly deadlock?: readonly Waiter[];
}
