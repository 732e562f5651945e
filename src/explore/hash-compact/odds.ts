/**
 * The most that the chance can be that a search with signatures has missed a
 * state: n^2 / 2^(b+1). Of the states that are met one after the other, the i-th
 * has the signature of one before it with probability (i - 1) / 2^b at most; all
 * that is missed otherwise is missed because of the first for which that is so.
 * Wolper and Leroy, CAV 1993, have it as 1 - exp(-n^2 / 2^(b+1)), which is less.
 * @param n states stored
 * @param bits of a signature
 */
export function missOdds(n: number, bits: number): number {
  return Math.min(1, n ** 2 / 2 ** (bits + 1));
}

/** The same in words, two digits, never rounded down. */
export function missOddsText(n: number, bits: number): string {
  const odds = missOdds(n, bits);
  if (odds === 1) return '1';
  const exponent = Math.floor(Math.log10(odds)) - 1;
  return String(Number(`${Math.ceil(odds / 10 ** exponent)}e${exponent}`));
}
