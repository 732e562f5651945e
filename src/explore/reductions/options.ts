/** Which reductions a search may use. Every one can be switched off. */
export interface Reductions {
  /** Try persistent sets only. */
  readonly partialOrder: boolean;
  /** Run on through steps that nobody can interfere with, without storing a state. */
  readonly chains: boolean;
  /** Store one state of those that are the same but for names. */
  readonly symmetry: boolean;
}

export const ALL: Reductions = { partialOrder: true, chains: true, symmetry: true };
export const NONE: Reductions = { partialOrder: false, chains: false, symmetry: false };

/** The reductions that are on, in words, for verdicts. */
export function reductionNames(r: Reductions): string {
  const names = [
    ...(r.partialOrder ? ['partial order'] : []),
    ...(r.chains ? ['chains'] : []),
    ...(r.symmetry ? ['symmetry'] : []),
  ];
  return names.length > 0 ? `reduced: ${names.join(', ')}` : 'unreduced';
}

export const isReduced = (r: Reductions): boolean => r.partialOrder || r.chains || r.symmetry;
