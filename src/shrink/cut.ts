import type { Draft } from './draft.js';

/** A draft with one thing less. It may be no test at all. */
export interface Cut {
  /** What is taken away. */
  readonly what: string;
  readonly draft: Draft;
}

export const cut = (what: string, draft: Draft): Cut => ({ what, draft });
