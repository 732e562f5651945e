import { isDeepStrictEqual } from 'node:util';
import { readTest, type LitmusTest } from '../../models/language/index.js';
import { printTest, withLines } from '../../models/language/print.js';
import { callText } from '../../models/operations.js';
import type { Column } from '../../models/scenario.js';
import type { Own } from '../../models/variants/own.js';
import { InputError } from '../core/errors.js';
import { CONDITION, DEADLOCK } from '../explore/verdict.js';
import { WIDTH, wrap } from '../report/wrap.js';

/** A litmus test in pieces that can be taken away one by one. */
export interface Draft {
  readonly name: string;
  readonly title: string;
  /** Entries of the initial state, without those that say what is so anyway. */
  readonly words: readonly string[];
  readonly columns: readonly Column[];
  /** `check ...`, where not only the default invariants are checked. */
  readonly checks: string;
  readonly condition: string;
  /** What stands in `with { }`. */
  readonly changes: readonly string[];
}

/** The test that a draft is. @throws InputError where it makes none */
export const testOf = (draft: Draft, own: Own, expectation = ''): LitmusTest =>
  readTest(textOf(draft, expectation), `${draft.name}.litmus`, own);

/** A draft as a litmus file. */
export function textOf(draft: Draft, expectation = ''): string {
  const { name, title, words, columns, checks, condition, changes } = draft;
  return [
    `gmem ${name}`,
    `"${title}"`,
    ...wrap(`{ ${words.join(' ')} }`, '', '  '),
    ...withLines(changes.map((text) => ({ text }))),
    ...tableOf(columns),
    ...[checks, condition, expectation].filter(Boolean),
    '',
  ].join('\n');
}

/** As a table, where that is no wider than a mail allows. */
function tableOf(columns: readonly Column[]): string[] {
  const cells = columns.map((c) => [c.name, ...c.calls.map(callText)]);
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)));
  const isWide = widths.reduce((sum, width) => sum + width + 3, 0) > WIDTH;
  const rows = Math.max(...cells.map((column) => column.length));
  return Array.from({ length: rows }, (_, row) => {
    const line = cells.map((column, i) => (column[row] ?? '').padEnd(isWide ? 0 : widths[i]!));
    return ` ${line.join(' | ')} ;`;
  });
}

/**
 * A test in pieces.
 * @param name what the smaller ones are called
 * @throws InputError for what a litmus file has no words for
 */
export function draftOf(test: LitmusTest, name: string, own: Own, property: string): Draft {
  const { litmus, scenario } = test;
  const printed = printTest(scenario, name).split('\n')[1]!;
  const words = printed.replace(/^\{ | \}$/g, '').split(/(?<=;) /);
  const draft: Draft = {
    name,
    title: litmus.title || titleFor(test, property),
    words,
    columns: scenario.columns,
    checks: checksOf(test),
    condition: property === CONDITION ? (litmus.condition?.text ?? '') : '',
    changes: litmus.changes.map((c) => c.text),
  };
  const same = testOf(draft, own).scenario;
  if (!isDeepStrictEqual(worldOf(same), worldOf(scenario)))
    throw new InputError(`${test.name}: a litmus file has no words for all of its initial state`);
  return plain(draft, own);
}

function titleFor({ litmus }: LitmusTest, property: string): string {
  if (property === DEADLOCK) return 'Nobody can move';
  const isWitness = property === CONDITION && litmus.condition?.quantifier === 'exists';
  return isWitness ? 'There is a witness' : `${property} breaks`;
}

/** Without what concerns the condition, which may be left out. */
function worldOf(scenario: LitmusTest['scenario']): object {
  return { ...placeless(scenario), provenance: false, orders: undefined };
}

export function checksOf({ litmus }: LitmusTest): string {
  const ids = litmus.checks.map((c) => c.text).join(' ');
  return ids && `check ${litmus.checksOnly ? 'only ' : ''}${ids}`;
}

/** The same without words that say what would be so without them. */
export function plain(draft: Draft, own: Own): Draft {
  const { scenario } = testOf(draft, own);
  for (const word of draft.words) {
    if (word.startsWith('memory=')) continue;
    const without = { ...draft, words: draft.words.filter((w) => w !== word) };
    const other = tried(without, own)?.scenario;
    if (other && isDeepStrictEqual(placeless(other), placeless(scenario)))
      return plain(without, own);
  }
  return draft;
}

/** Without positions in the file: a word less may move what stands below it up. */
function placeless(scenario: LitmusTest['scenario']): object {
  return { ...scenario, changes: scenario.changes?.map(({ text }) => text) };
}

/** The test that a draft is; undefined where it makes none. */
export function tried(draft: Draft, own: Own): LitmusTest | undefined {
  try {
    return testOf(draft, own);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
