import { ascii, cut } from './text.js';

/** Lines of a mail or a commit message are no longer than this. */
export const WIDTH = 75;

/**
 * Wraps prose at the mail width. Words are kept whole unless one alone is
 * wider than a line.
 * @param first what the first line starts with; `rest` is for the others.
 */
export function wrap(text: string, first = '', rest = first, width = WIDTH): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of ascii(text).split(' ').filter(Boolean)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line = cut(line + (isEmpty ? '' : ' ') + word, width);
    isEmpty = false;
  }
  return [...lines, line].map((l) => l.trimEnd());
}
