import { counted } from '../explore/counted.js';
import { wrap } from '../report/wrap.js';
import type { Counts, Exercise } from './exercise.js';

/** Lines of one kind that are shown, the most frequent first. */
const MOST = 12;
/** Columns of mails. */
const [WIDTH, NAME] = [75, 34];

/** What scenarios exercise, as text of 75 columns. */
export function exerciseLines(e: Exercise): string[] {
  const n = e.scenarios;
  if (n === 0) return ['no scenario was drawn'];
  const overlaps = e.overlaps.sorted.length;
  const names = e.actions.sorted.filter(([name]) => name !== 'after').length;
  return [
    `Of ${counted(n, 'scenario')} so many were, or did:`,
    ...table('worlds', e.worlds, n, Infinity),
    ...table('flows', e.actions, n, Infinity),
    ...stepLines(e),
    ...table('contentions: who waits for what', e.waits, n),
    ...table('contentions: what starts over', e.retries, n),
    ...table('contentions and refusals: what is returned', e.errors, n),
    ...table(
      `overlaps: ${overlaps} of ${(names * (names + 1)) / 2} pairs of flows under way at once`,
      e.overlaps,
      n,
    ),
  ];
}

function table(title: string, counts: Counts, of: number, most = MOST): string[] {
  const all = counts.sorted;
  const rows = all.slice(0, most).map(([name, count]) => row(name, count, of));
  const rest = all.length - rows.length;
  return ['', `  ${title}`, ...rows, ...(rest > 0 ? [`    and ${rest} more`] : [])];
}

function row(name: string, count: number, of: number): string {
  const share = `${((100 * count) / of).toFixed(1)}%`.padStart(7);
  const space = WIDTH - 4 - share.length - 7;
  return (
    `    ${name.slice(0, space).padEnd(Math.max(NAME, 0))}`.padEnd(4 + space) +
    `${count}`.padStart(7) +
    share
  );
}

function stepLines(e: Exercise): string[] {
  const functions = e.steps;
  if (functions.length === 0) return ['', '  steps: not known: the source could not be followed'];
  const possible = functions.flatMap((f) => f.steps.filter((s) => s.reached || s.never === null));
  const reached = possible.filter((s) => s.reached).length;
  const called = functions.filter((f) => f.called).length;
  const share = ((100 * reached) / possible.length).toFixed(1);
  const uncalled = functions.filter((f) => !f.called && f.unknown === null).map((f) => f.function);
  const parts = functions
    .filter((f) => f.called && f.unknown === null)
    .map((f) => [f.function, f.steps.filter((s) => !s.reached && s.never === null).length] as const)
    .filter(([, missed]) => missed > 0)
    .toSorted(([, a], [, b]) => b - a);
  return [
    '',
    `  steps: ${reached} of ${possible.length} reached (${share}%), in ${called} of ${counted(functions.length, 'function')}`,
    ...(uncalled.length > 0 ? wrap(`never called: ${uncalled.join(', ')}`, '    ', '      ') : []),
    ...(parts.length > 0
      ? wrap(
          `steps not reached in: ${parts.map(([name, k]) => `${name} (${k})`).join(', ')}`,
          '    ',
          '      ',
        )
      : []),
  ];
}
