import { existsSync } from 'node:fs';
import { readTextFile } from '../check/tests.js';
import { MAX_LITMUS_LENGTH } from '../litmus/parse.js';
import { WIDTH } from '../report/wrap.js';

const INDENT = '  ';

/** The line of the file that a message `file:line:column: ...` points at, with a caret under it. */
export function excerpt(message: string): string[] {
  const [, file, line, column] = /^(.+?):(\d+):(\d+): /.exec(message) ?? [];
  const text = file === undefined ? undefined : lineOf(file, Number(line));
  if (text === undefined) return [];
  const at = Number(column) - 1;
  const room = WIDTH - INDENT.length;
  // Of a long line what is before the place, and some of what follows.
  const from = text.length <= room || at < room - 15 ? 0 : at - (room - 15);
  const shown = text.slice(from, from + room).replace(/[^ -~]/g, (c) => (c === '\t' ? ' ' : '?'));
  return [`${INDENT}${shown.trimEnd()}`, `${INDENT}${' '.repeat(at - from)}^`];
}

function lineOf(file: string, line: number): string | undefined {
  if (!file.endsWith('.litmus') || !existsSync(file)) return undefined;
  return readTextFile(file, MAX_LITMUS_LENGTH * 4).split('\n')[line - 1];
}
