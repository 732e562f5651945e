import type { Block } from './blocks.js';

/**
 * Fewer turns: of each column, turns are put off to its next one, or taken
 * together with it, many at a time first, as long as it still breaks. As delta
 * debugging does it (Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing
 * Input, TSE 2002), with turns in place of characters.
 */
export function merged(
  blocks: readonly Block[],
  breaks: (blocks: readonly Block[]) => boolean,
): readonly Block[] {
  let least = blocks;
  for (let size = Math.ceil(least.length / 2); size >= 1;) {
    const smaller = candidates(least, size).find(breaks);
    if (smaller) least = smaller;
    else if (size === 1) break;
    if (!smaller || size > least.length) size = Math.floor(size / 2);
  }
  return least;
}

/** Each row of so many turns, put off; then each turn, as long as it and the column's next one. */
function candidates(blocks: readonly Block[], size: number): (readonly Block[])[] {
  const starts = Array.from({ length: Math.ceil(blocks.length / size) }, (_, i) => i * size);
  const putOff = starts.map((start) => blocks.toSpliced(start, size));
  if (size > 1) return putOff;
  return [...putOff, ...starts.flatMap((start) => together(blocks, start))];
}

function together(blocks: readonly Block[], first: number): (readonly Block[])[] {
  const second = blocks.findIndex((b, i) => i > first && b.column === blocks[first]!.column);
  return second < 0 ? [] : [blocks.with(first, blocks[second]!).toSpliced(second, 1)];
}
