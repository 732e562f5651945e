import type { Node } from 'ohm-js';
import { InputError } from '../core/errors.js';

/** Most parentheses that are open at once, plus all negations of a file. */
const MAX_NESTING = 100;

/** Most conjunctions and disjunctions: they nest to the left. */
const MAX_CONNECTIVES = 500;

/** Reports have a line for them, diagrams a heading. */
const LONGEST = { name: 100, title: 500, "column's name": 32 } as const;

/** What a terminal would obey, or show in another order than it stands: all but \t, \n, \r. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** `file:line:column` of an offset. */
export function placeIn(text: string, offset: number, file: string): string {
  const before = text.slice(0, offset).split('\n');
  return `${file}:${before.length}:${before.at(-1)!.length + 1}`;
}

/**
 * The parser recurses: what would exhaust its stack is refused before it begins.
 * @throws InputError with the place
 */
export function checkText(text: string, file: string): void {
  const refuse = (offset: number, why: string): never => {
    throw new InputError(`${placeIn(text, offset, file)}: ${why}`);
  };
  const unseen = UNSEEN.exec(text);
  if (unseen) refuse(unseen.index, `a character that cannot be seen, ${codeOf(unseen[0])}`);
  let open = 0;
  let negations = 0;
  let connectives = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '(') open++;
    else if (c === ')') open = Math.max(0, open - 1);
    else if (c === '~') negations++;
    else if ((c === '/' && text[i + 1] === '\\') || (c === '\\' && text[i + 1] === '/'))
      connectives++;
    if (open + negations > MAX_NESTING) refuse(i, `nested deeper than ${MAX_NESTING} levels`);
    if (connectives > MAX_CONNECTIVES) refuse(i, `more than ${MAX_CONNECTIVES} times /\\ and \\/`);
  }
}

const SECOND = 'a second test: a file has one';

/** What other languages write there, and what is written here. */
const MEANT: readonly (readonly [RegExp, string])[] = [
  [/^\(\*/, 'a comment without an end: expected "*)"'],
  [/^(\/\/|\/\*|#)/, 'expected a comment between "(*" and "*)"'],
  [/^(&&|\|\|)/, 'expected "/\\" for and, "\\/" for or'],
  [/^gmem\b/, SECOND],
];

/** What somebody seems to have meant at a place; undefined where nobody can tell. */
export function meantAt(text: string, offset: number): string | undefined {
  const rest = text.slice(offset);
  if (text.slice(offset - 1).startsWith('==')) return 'expected "=" once, for equality';
  const before = text.slice(0, offset);
  if (before.includes('}') && /\n[ \t]*gmem[ \t]+$/.test(before)) return SECOND;
  const isFirst = offset === 0 && text.startsWith('gmem');
  return isFirst ? undefined : MEANT.find(([begins]) => begins.test(rest))?.[1];
}

const codeOf = (c: string): string =>
  `U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/** @throws InputError `line:column: ...` for a name that no report has room for */
export function checkLength({ source }: Node, what: keyof typeof LONGEST): void {
  const { length } = source.contents;
  if (length <= LONGEST[what]) return;
  const { lineNum, colNum } = source.getLineAndColumn();
  throw new InputError(
    `${lineNum}:${colNum}: a ${what} of ${length} characters, at most ${LONGEST[what]}`,
  );
}
