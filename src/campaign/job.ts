import type { Place } from '../checkpoint/place.js';
import type { CheckResult } from '../check/check.js';
import type { CheckOptions } from '../check/question.js';
import type { SeenNesting } from '../report/lockorder.js';

/** How a text answer is to look. */
export interface Form {
  /** Verdict only, without the diagram. */
  readonly brief: boolean;
  /** Diagram without call nesting. */
  readonly flat: boolean;
}

/** One test under one protocol: plain data, so that any thread can answer it. */
export interface Job {
  readonly text: string;
  readonly file: string;
  readonly protocol: string;
  readonly options: CheckOptions;
  readonly form: Form;
  /** A protocol that cannot run the test skips it, instead of refusing. */
  readonly maySkip: boolean;
  /** Say how functions ran, too: enough to know the steps reached, or all. */
  readonly coverage: 'none' | 'steps' | 'all';
  /** Shared by all threads: not 0 when the user has had enough of it. */
  readonly interrupt?: Int32Array;
  /** Where what is found is kept, and an interrupted search. */
  readonly checkpoint?: Place;
}

/** The answer as data and as text; no result where the test was skipped. */
export interface Answer {
  readonly result: CheckResult | undefined;
  readonly text: string;
  /** How functions of the job's protocol ran, where that was asked for. */
  readonly seen?: { readonly protocol: string; readonly calls: readonly string[] };
  /** Locks that were asked for with others held. */
  readonly nestings: readonly SeenNesting[];
  /** Would the same search not find out more if it were let go on? */
  readonly isFinished: boolean;
}

/** Has the user had enough of it? */
export function isInterrupted({ interrupt }: Job): boolean {
  return interrupt !== undefined && Atomics.load(interrupt, 0) !== 0;
}
