import { wrap } from '../src/report/wrap.js';
import type { Spread } from './measure.js';

/** One line of the table; a spread of one value prints without extremes. */
export interface Row {
  readonly what: string;
  readonly spread: Spread;
  /** What was wished for, in the same unit. */
  readonly aim?: number;
  readonly unit?: string;
  readonly digits?: number;
}

/** Rows under a heading. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const [WHAT, MEDIAN, EXTREMES, AIM] = [28, 11, 25, 11];

/** The whole report: head, table, notes. Plain ASCII, 75 columns at most. */
export function renderTable(
  head: readonly string[],
  sections: readonly Section[],
  notes: readonly string[],
): string {
  const lines = head.flatMap((text) => wrap(text));
  lines.push('', columns('', 'median', 'min - max', 'aim'));
  for (const { title, rows } of sections) lines.push(title, ...rows.map(rowText));
  for (const note of notes) lines.push('', ...wrap(note));
  return `${lines.join('\n')}\n`;
}

function rowText({ what, spread, aim, unit = '', digits = 0 }: Row): string {
  const text = (n: number): string => thousands(n, digits) + unit;
  const { median, min, max } = spread;
  const extremes = min === max ? '' : `${thousands(min, digits)} - ${thousands(max, digits)}`;
  return columns(`  ${what}`, text(median), extremes, aim === undefined ? '' : text(aim));
}

function columns(what: string, median: string, extremes: string, aim: string): string {
  const cells = [
    what.padEnd(WHAT),
    median.padStart(MEDIAN),
    extremes.padStart(EXTREMES),
    aim.padStart(AIM),
  ];
  return cells.join('').trimEnd();
}

/** 1,234,567 or 1,234.5: the same whatever the locale. */
export function thousands(value: number, digits = 0): string {
  const [whole, fraction] = value.toFixed(digits).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
