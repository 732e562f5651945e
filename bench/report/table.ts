import { WIDTH, wrap } from '../../src/report/wrap.js';

/** One table: a heading, a line of column names, rows of as many cells. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Indentation and gap: as wide as fits. */
const LAYOUTS = [
  ['  ', '  '],
  ['', '  '],
  ['', ' '],
] as const;

/** Lines of a table. The first column is set left, the others right. */
export function tableLines({ title, columns, rows }: Table): string[] {
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => row[i]!.length)),
  );
  const padded = [columns, ...rows].map((cells) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))),
  );
  const lines = LAYOUTS.map(([indent, gap]) =>
    padded.map((cells) => (indent + cells.join(gap)).trimEnd()),
  );
  const fits = lines.find((all) => all.every((line) => line.length <= WIDTH));
  return [...wrap(title), ...(fits ?? lines.at(-1)!)];
}

/** 1,234,567 or 1,234.5: the same whatever the locale. */
export function thousands(value: number, digits = 0): string {
  const [whole, fraction] = value.toFixed(digits).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A ratio or a duration, with two digits that count: 0.037, 0.52, 7.3, 410. */
export function twoDigits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = value === 0 ? 0 : 1 - Math.floor(Math.log10(Math.abs(value)));
  return thousands(value, Math.min(3, Math.max(0, digits)));
}
