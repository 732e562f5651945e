import { distance } from 'fastest-levenshtein';

/** The word that is one letter, or capitals, away from this; the first letter is the same. */
export const slip = (word: string, words: readonly string[]): string | undefined =>
  words
    .filter((w) => w[0]?.toLowerCase() === word[0]?.toLowerCase())
    .map((w) => ({ w, far: distance(word.toLowerCase(), w.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)
    .find(({ far }) => far <= 1)?.w;

/** `; did you mean 'x'?` where one of the words is close, otherwise nothing. */
export function nearest(word: string, words: readonly string[]): string {
  const ranked = words
    .map((w) => ({ w, far: distance(word.toLowerCase(), w.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far);
  const [best] = ranked;
  const close =
    best && best.far < word.length && best.far <= Math.max(2, Math.floor(word.length / 3));
  // Whoever leaves out half a name writes the rest as it is.
  const whole = close && best.far <= 2 ? undefined : containing(word, words);
  const meant = whole ?? (close ? best.w : undefined);
  return meant ? `; did you mean '${meant}'?` : '';
}

/** `fallocate` for `vfs_fallocate`. */
const containing = (word: string, words: readonly string[]): string | undefined =>
  words
    .filter((w) => word.length > 3 && w.includes(word))
    .toSorted((a, b) => a.length - b.length)[0];
