/** A test in the state of a patch: a protocol, or a mutation of one by its id. */
export interface Shown {
  readonly test: string;
  readonly under: string;
}

interface Named {
  /** What happens, in a few words. */
  readonly id: string;
  readonly what: string;
  /** A commit, a message, or the code that it was found in. */
  readonly source: string;
}

/** A race or hazard that is known: where it breaks, and what mends it. */
export interface Known extends Named {
  readonly kind: 'race';
  readonly breaks: Shown & { readonly property: string };
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
