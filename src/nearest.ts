import { distance } from 'fastest-levenshtein';

/** `; did you mean 'x'?` where one of the words is close, otherwise nothing. */
export function nearest(word: string, words: readonly string[]): string {
  const ranked = words
    .map((w) => ({ w, far: distance(word.toLowerCase(), w.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far);
  const [best] = ranked;
  const close =
    best && best.far < word.length && best.far <= Math.max(2, Math.floor(word.length / 3));
  return close ? `; did you mean '${best.w}'?` : '';
}
