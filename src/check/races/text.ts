import { runText } from '../../report/verdicts.js';
import { counted } from '../../explore/counted.js';
import { wrap } from '../../report/wrap.js';
import type { CheckResult } from '../check.js';
import type { Seen } from './shown.js';

const INDENT = '  ';
const COLUMN = 9;

/** A race for people; every line fits a mail. */
export function raceLines(seen: Seen): string[] {
  const { race } = seen;
  const lines = [`${race.number} ${race.id}`, ...wrap(race.what, INDENT)];
  const say = (word: string, text: string): void =>
    void lines.push(...wrap(text, INDENT + word.padEnd(COLUMN), INDENT + ' '.repeat(COLUMN)));
  say('source', race.source);
  if ('held' in seen) {
    say('none', seen.race.because);
    for (const r of seen.held) say('', `${placeOf(r)}: ${r.verdict}`);
    return lines;
  }
  if (seen.race.condition) say('if', seen.race.condition);
  say('breaks', `${placeOf(seen.broken)}: ${lengthOf(seen.broken, seen.preemptions)}`);
  const { mended } = seen;
  if (mended) say('mended', `${placeOf(mended)}: ${mended.verdict}, by ${seen.race.mended!.by}`);
  else say('mended', 'in no version that is modelled');
  return lines;
}

const placeOf = ({ test, protocol }: CheckResult): string => `${test}, ${protocol}`;

/** The shortest run, and the fewest preemptions of any. */
function lengthOf({ verdict, property, steps }: CheckResult, preemptions: number | null): string {
  if (verdict !== 'violated') return verdict;
  if (preemptions === null) return `${property} in ${counted(steps!, 'step')}`;
  return `${property} in ${runText(steps!, preemptions)}`;
}
