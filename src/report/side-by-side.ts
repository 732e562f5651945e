import { diffArrays } from 'diff';
import { cut } from './text.js';
import { WIDTH } from './wrap.js';

/** Between the columns: '|' another line, '<' only on the left, '>' only on the right. */
const MARK = 3;
const MARGIN = 2;

/**
 * Two texts beside each other, equal lines on the same height, as `diff -y` has it.
 * Every line fits a mail; what is cut is marked.
 */
export function sideBySide(left: readonly string[], right: readonly string[]): string[] {
  const width = Math.floor((WIDTH - MARGIN - MARK) / 2);
  const row = (a: string, mark: string, b: string): string =>
    `${' '.repeat(MARGIN)}${cut(a, width).padEnd(width)} ${mark} ${cut(b, width)}`.trimEnd();
  const rows: string[] = [];
  let gone: readonly string[] = [];
  const flush = (come: readonly string[]): void => {
    for (let i = 0; i < Math.max(gone.length, come.length); i++) {
      const [a, b] = [gone[i], come[i]];
      rows.push(row(a ?? '', a === undefined ? '>' : b === undefined ? '<' : '|', b ?? ''));
    }
    gone = [];
  };
  for (const { added, removed, value } of diffArrays([...left], [...right])) {
    if (removed) gone = value;
    else if (added) flush(value);
    else {
      flush([]);
      for (const line of value) rows.push(row(line, ' ', line));
    }
  }
  flush([]);
  return rows;
}
