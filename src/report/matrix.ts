import { counted } from '../explore/counted.js';
import type { CheckResult } from './result.js';
import { cut } from './text.js';
import { wrap } from './wrap.js';

/** A test, and what each protocol says to it; undefined where it cannot run the test. */
export interface Row {
  readonly test: string;
  readonly title: string;
  readonly verdicts: readonly (CheckResult | undefined)[];
}

/** What a column needs to be named by. */
interface Column {
  readonly id: string;
  readonly title: string;
}

const NAME = 31;
const GAP = 2;
const WIDTH = 75;

/** Do two protocols that can run the test disagree on it? */
export const differs = ({ verdicts }: Row): boolean =>
  new Set(verdicts.filter((v) => v !== undefined).map(said)).size > 1;

const said = ({ verdict, property }: CheckResult): string =>
  property === null || verdict !== 'violated' ? verdict : property;

/**
 * A table, a line for each test; those on which all agree are counted only.
 * @param names what the user calls the columns, for the next command
 * @param all show these as well
 */
export function matrixLines(
  columns: readonly Column[],
  names: readonly string[],
  rows: readonly Row[],
  all: boolean,
): string[] {
  const width = Math.floor((WIDTH - NAME) / columns.length) - GAP;
  const line = (name: string, cells: readonly string[]): string =>
    [cut(name, NAME).padEnd(NAME), ...cells.map((c) => cut(c, width).padEnd(width))]
      .join(' '.repeat(GAP))
      .trimEnd();
  const shown = rows.filter((row) => all || differs(row));
  const table = shown.map((r) => line(`${r.test}`, r.verdicts.map(cell)));
  const different = rows.filter(differs);
  const both = rows.filter((r) => r.verdicts.every((v) => v !== undefined)).length;
  const [first] = different;
  return [
    ...columns.flatMap((c) => wrap(`${c.id}: ${c.title}`, '', '  ')),
    '',
    ...(table.length > 0
      ? [
          line(
            '',
            columns.map((c) => c.id),
          ),
          ...table,
          '',
        ]
      : []),
    ...wrap(
      `${counted(rows.length, 'test')}, ${both} of them under every protocol: ` +
        `${different.length} differ, ${rows.length - different.length} do not`,
    ),
    ...(first
      ? [
          'To see the first:',
          `  npx gmemcheck check ${first.test} --protocol ${broken(first, names)}`,
        ]
      : []),
  ];
}

function cell(result: CheckResult | undefined): string {
  if (!result) return '-';
  if (result.verdict !== 'violated') return result.verdict;
  return `${result.property ?? 'condition'} in ${result.steps}`;
}

/** The protocol in which something is to be seen. */
const broken = (row: Row, names: readonly string[]): string => {
  const of = (i: number): boolean => row.verdicts[i]?.verdict === 'violated';
  const last = names.findLastIndex((_, i) => of(i));
  return names[last < 0 ? 0 : last]!;
};
