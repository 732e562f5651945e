import { counted } from '../counted.js';
import type { Drawn } from './drawn.js';
import { memberOf, type Strategy } from './strategy.js';

/**
 * The most that the chance can be of missing a bug of this depth or less, after
 * `runs` runs of PCT: each misses it with probability at most 1 - 1/(n k^(d-1)).
 */
export function missed(runs: number, n: number, k: number, depth: number): number {
  if (runs === 0) return 1;
  return Math.exp(runs * Math.log1p(-1 / (n * k ** (depth - 1))));
}

/**
 * What the runs of PCT leave open, in words; nothing where there were none. A
 * bug of depth d is one of any greater depth as well: a change of priority too
 * many may fall on the step that shows the bug. So deeper members count too.
 */
export function oddsText(strategy: Strategy, drawn: Drawn): string {
  const { measured } = drawn;
  if (!measured || strategy.members.every((m) => m.depth === undefined)) return '';
  const { actors: n, steps: k } = measured;
  const depths = strategy.members.flatMap((m) => m.depth ?? []);
  const odds = depths.map((depth) =>
    strategy.members.reduce((product, member, i) => {
      const counts = member.depth !== undefined && member.depth >= depth;
      return counts ? product * missed(runsOf(strategy, i, drawn), n, k, member.depth) : product;
    }, 1),
  );
  return (
    `; a bug of depth ${listed(depths.map(String))}${depths.length > 1 ? '' : ' or less'} is ` +
    `missed with probability at most ${listed(odds.map(rounded))} (n=${counted(n, 'actor')}, k=${counted(k, 'step')})` +
    reservations(drawn, k)
  );
}

/** When the bound does not apply. */
function reservations({ reserved }: Drawn, k: number): string {
  const { beyond, spun, chosen } = reserved;
  const all = [
    ...(beyond > 0 ? [`turns after step ${k}, which ${counted(beyond, 'run')} went beyond`] : []),
    ...(spun > 0 ? [`actors that wait in a loop, as in ${counted(spun, 'run')}`] : []),
    ...(chosen > 0 ? [`outcomes that must be drawn right, as in ${counted(chosen, 'run')}`] : []),
  ];
  return all.length === 0 ? '' : `; not for bugs that need ${all.join(', or ')}`;
}

/** How many of the runs were made by this member? */
function runsOf(strategy: Strategy, member: number, { first, runs }: Drawn): number {
  const count = strategy.members.length;
  const before = (member - memberOf(strategy, first) + count) % count;
  return before >= runs ? 0 : Math.ceil((runs - before) / count);
}

/** Never less than the number itself: it is an upper bound. */
function rounded(odds: number): string {
  if (odds < 0.001) return `1e${Math.max(-300, Math.ceil(Math.log10(odds)))}`;
  for (const digits of [2, 3, 4, 5]) {
    const up = Math.ceil(odds * 10 ** digits) / 10 ** digits;
    if (up < 1 && (digits > 2 || odds >= 0.1)) return up.toFixed(digits);
  }
  return '1';
}

function listed(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}
