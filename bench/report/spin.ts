import { median } from '../measure.js';
import { singleNames } from '../reductions.js';
import { agreement, type Compared } from '../spin/compare.js';
import { ourSeconds, ratio, spinSeconds, unreduced } from '../spin/ratios.js';
import { thousands, twoDigits, type Table } from './table.js';

/** The ratio, or why there is none, in a word that the notes explain. */
function ratioText(compared: Compared): string {
  const { counts, verdicts } = agreement(compared);
  const value = ratio(compared);
  if (value !== undefined) return `${twoDigits(value)} x`;
  if (!compared.spin) return '-';
  if (verdicts === false) return 'verdict!';
  return counts === false ? 'counts!' : 'unknown';
}

/** Time to the verdict, with all reductions on both sides. */
export function verdictTable(all: readonly Compared[]): Table {
  return {
    title: 'Exhaustive verdict, reduced: ratio = seconds of Spin / ours',
    columns: ['case', 'ratio', 'Spin s', 'ours s', 'Spin states', 'our states', 'n', 'pan s'],
    rows: all.map((c) => [
      c.subject.name,
      ratioText(c),
      c.spin ? spinSeconds(c).toFixed(2) + (c.spin.reduced[0]!.complete ? '' : '+') : '-',
      ourSeconds(c).toFixed(2),
      c.spin ? thousands(c.spin.reduced[0]!.states) : '-',
      thousands(c.ours.reduced[0]!.states),
      String(c.ours.reduced.length),
      c.spin ? c.spin.makingSeconds.toFixed(1) : '-',
    ]),
  };
}

const COUNTS = { true: 'equal', false: 'DIFFER', undefined: '-' } as const;

/** Every state: the same number on both sides. */
export function unreducedTable(all: readonly Compared[]): Table {
  return {
    title: 'Unreduced: states a second (in thousands) and bytes a state',
    columns: ['case', 'states', 'counts', 'Spin k/s', 'ours', 'ratio', 'Spin B', 'ours'],
    rows: unreduced(all).map(({ compared, ours, spin }) => {
      const { counts } = agreement(compared);
      return [
        compared.subject.name,
        thousands(compared.ours.unreduced!.states),
        spin ? COUNTS[`${counts!}`] : counts ? 'recorded' : 'DIFFER',
        spin ? thousands(spin.speed / 1000) : '-',
        thousands(ours.speed / 1000),
        spin && counts ? `${twoDigits(ours.speed / spin.speed)} x` : '-',
        spin ? spin.bytes.toFixed(0) : '-',
        ours.bytes.toFixed(0),
      ];
    }),
  };
}

/** States of the unreduced search in units of those that are stored with a reduction. */
export function reductionTable(all: readonly Compared[]): Table {
  const cases = all.filter((c) => c.ours.unreduced && c.ours.storedWithEach.length > 0);
  return {
    title: 'Reduction: states unreduced / states stored',
    columns: ['case', ...singleNames, 'all', "Spin's"],
    rows: cases.map(({ subject, ours, spin }) => {
      const factor = (stored: number): string => `${twoDigits(ours.unreduced!.states / stored)} x`;
      const all = median(ours.reduced.map((run) => run.states));
      const spins = spin ? factor(spin.reduced[0]!.states) : '-';
      return [subject.name, ...ours.storedWithEach.map(factor), factor(all), spins];
    }),
  };
}
