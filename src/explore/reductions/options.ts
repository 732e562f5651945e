/** Which reductions a search may use. Every one can be switched off. */
export interface Reductions {
  /** Try persistent sets only. */
  readonly partialOrder: boolean;
  /** Run on through steps that nobody can interfere with, without storing a state. */
  readonly chains: boolean;
}

export const ALL: Reductions = { partialOrder: true, chains: true };
export const NONE: Reductions = { partialOrder: false, chains: false };

/** The reductions that are on, in words, for verdicts. */
export function reductionNames(r: Reductions): string {
  const names = [...(r.partialOrder ? ['partial order'] : []), ...(r.chains ? ['chains'] : [])];
  return names.length > 0 ? `reduced: ${names.join(', ')}` : 'unreduced';
}

export const isReduced = (r: Reductions): boolean => r.partialOrder || r.chains;
