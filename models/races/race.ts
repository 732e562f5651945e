/** A test in the state of a patch: a protocol, or a mutation of one by its id. */
export interface Shown {
  readonly test: string;
  readonly under: string;
}

interface Named {
  /**
   * What it is cited by: it never changes, and several entries may be sides of one. Up to R50
   * numbers that are not there stand for nothing.
   */
  readonly number: string;
  /** What happens, in a few words. */
  readonly id: string;
  readonly what: string;
  /** A commit, a message, or the code that it was found in. */
  readonly source: string;
}

/** The fewest steps of a run, and the fewest preemptions of any. */
export interface Fewest {
  readonly steps: number;
  readonly preemptions: number;
}

/** Of what is doomed or a livelock: no run shows it by itself. */
export const ASKED_OF_ALL_RUNS = 'it is asked of all runs, so that none of them has the fewest';

/** A race or hazard that is known: where it breaks, and what mends it. */
export interface Known extends Named {
  readonly kind: 'race';
  /** What a run takes is in the test's `expect` line, or here where that has no place for it. */
  readonly breaks: Shown & {
    readonly property: string;
    readonly fewest?: Fewest | typeof ASKED_OF_ALL_RUNS;
  };
  /** Without it there is no race, where that is not plain from the test. */
  readonly condition?: string;
  /** undefined = in no version that is modelled. */
  readonly mended: (Shown & { readonly by: string }) | undefined;
}

/** What was taken for a race and is not one. */
export interface NotOne extends Named {
  readonly kind: 'not a race';
  readonly because: string;
  readonly holds: readonly Shown[];
}

export type Race = Known | NotOne;
