import { counted } from '../explore/counted.js';
import type { CheckResult } from './result.js';
import { wrap } from './wrap.js';

/** `holds, exhaustive`, `violated: S1`, `undecided`: a verdict with its footing. */
export function verdictText(result: CheckResult): string {
  const { verdict, property, footing } = result;
  if (verdict === 'violated') return `violated: ${property}`;
  if (verdict === 'undecided') return 'undecided';
  return `holds, ${footing}`;
}

/** `36 steps, 1 preemption`: how long a run is. */
export const runText = (steps: number, preemptions: number): string =>
  `${counted(steps, 'step')}, ${counted(preemptions, 'preemption')}`;

/** The lines of a result without its diagram; every line fits a mail. */
export function resultLines(result: CheckResult, expectation: string): string[] {
  const { test, protocol, memory, steps, preemptions, states, transitions, note } = result;
  const run = steps === null ? '' : `${runText(steps, preemptions!)}; `;
  const visited = states > 0 ? `${counted(states, 'state')}, ` : '';
  const lines = wrap(
    `${run}${visited}${counted(transitions, 'transition')}; ${note}; progress ${result.progress}`,
    '    ',
    '    ',
  );
  if (!result.expected && result.verdict !== 'undecided')
    lines.push(...wrap(`NOT AS EXPECTED: ${expectation}`, '    ', '    '));
  return [`${test}  ${protocol}  ${memory}  ${verdictText(result)}`, ...lines];
}

/** The command that shows a run again. The token alone may be wider than a mail. */
export function replayLines(token: string): string[] {
  return ['', 'To replay it: npx gmemcheck replay \\', `  ${token}`];
}
