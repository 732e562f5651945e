/** A test under a protocol, or under one that a mutation makes of its base. */
interface Asked {
  readonly test: string;
  readonly under: string;
}

/**
 * What must go on happening. Every exhaustive search asks for deadlocks, for states
 * from which nobody can finish (doomed) and for fair loops (livelock); these are
 * the statements that this amounts to, with the tests that are about them.
 */
export interface Progress {
  readonly id: string;
  readonly statement: string;
  readonly source: string;
  /** Where it is asked, and holds. */
  readonly asked: readonly Asked[];
  /** Where it does not hold: by what the search then calls it. */
  readonly broken: readonly (Asked & { readonly property: string })[];
}

/** The statement that a mutation breaks, if it breaks one. */
export const brokenBy = (all: readonly Progress[], mutation: string): string | undefined =>
  all.find((p) => p.broken.some((b) => b.under === mutation))?.id;
