import type { Node } from 'ohm-js';
import { InputError } from '../core/errors.js';
import type { Litmus, OperationText, Position, Quantifier } from './ast.js';
import './clauses.js';
import './expressions.js';
import { litmusGrammar } from './grammar.js';
import { checkLength, checkText, meantAt, placeIn } from './refused.js';
import { assignment, position, semantics } from './words.js';

/** Longest file that is read: far beyond any test that can be checked. */
export const MAX_LITMUS_LENGTH = 64 * 1024;

/**
 * Parses a litmus file.
 * @param file its name, for messages
 * @throws InputError `file:line:column: what was expected`
 */
export function parseLitmus(text: string, file: string): Litmus {
  if (text.length > MAX_LITMUS_LENGTH)
    throw new InputError(`${file}: longer than ${MAX_LITMUS_LENGTH} characters`);
  checkText(text, file);
  const match = litmusGrammar.match(text, 'File');
  if (match.failed()) {
    const expected = (match.shortMessage ?? '').replace(/^Line \d+, col \d+: /, '');
    const { length } = text.slice(0, match.getRightmostFailurePosition()).trimEnd();
    const isAtEnd = text.slice(length).trim() === '';
    const place = isAtEnd ? length : match.getRightmostFailurePosition();
    throw new InputError(`${placeIn(text, place, file)}: ${meantAt(text, place) ?? expected}`);
  }
  const litmus = withFile(file, (): Litmus => semantics(match)['file']());
  checkColumns(litmus, file);
  return litmus;
}

/** Puts the file's name before what is wrong with it. */
function withFile<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${file}:${error.message}`);
    throw error;
  }
}

/** Points at a place in a file. */
export function at(file: string, position: Position): string {
  return `${file}:${position.line}:${position.column}`;
}

function checkColumns(litmus: Litmus, file: string): void {
  const seen = new Set<string>();
  for (const { name, at: position } of litmus.columns) {
    if (seen.has(name)) throw new InputError(`${at(file, position)}: two columns named '${name}'`);
    seen.add(name);
  }
}

semantics.addOperation<Litmus>('file', {
  File(_gmem, name, title, initial, changes, header, rows, clauses) {
    checkLength(name, 'name');
    checkLength(title, 'title');
    const columns = header.children[0]!.asIteration().children.map((c: Node) => {
      checkLength(c, "column's name");
      return { name: c.sourceString, at: position(c.source) };
    });
    const parts = clauses.children.map((c: Node) => c.children[0]!);
    const named = (rule: string): Node[] => parts.filter((p: Node) => p.ctorName === rule);
    return {
      name: name.sourceString,
      title: title.sourceString.slice(1, -1).replace(/\s+/g, ' '),
      initial: initial.children[1]!.children.map(assignment),
      changes: (changes.children[0]?.children[2]!.children ?? []).map((c: Node) => c['change']()),
      columns,
      programs: programsOf(columns.length, rows.children),
      checks: named('Check').flatMap((c) =>
        c.children[2]!.children.map((v: Node) => v.children[0]!['value']()),
      ),
      checksOnly: named('Check').some((c) => c.children[1]!.children.length > 0),
      condition: conditionOf(named('Condition')),
      expectations: named('Expect').map((e) => e['expectation']()),
    };
  },
});

function programsOf(width: number, rows: Node[]): OperationText[][] {
  const programs: OperationText[][] = Array.from({ length: width }, () => []);
  for (const row of rows) {
    const cells = row.children[0]!.asIteration().children;
    if (cells.length !== width) {
      const { line, column } = position(row.source);
      throw new InputError(
        `${line}:${column}: ${cells.length === 1 ? '1 cell' : `${cells.length} cells`} in a row of a table with ${width} column${width === 1 ? '' : 's'}`,
      );
    }
    cells.forEach((cell: Node, i: number) => {
      const [op] = cell.children[0]!.children;
      if (op) programs[i]!.push(op['operation']());
    });
  }
  return programs;
}

function conditionOf(nodes: Node[]): Litmus['condition'] {
  const [node, second] = nodes;
  if (second) {
    const { line, column } = position(second.source);
    throw new InputError(`${line}:${column}: a second condition: a test has one`);
  }
  if (!node) return undefined;
  const [quantifier, expression] = node.children;
  return {
    quantifier: (quantifier!.sourceString === '~exists'
      ? 'not exists'
      : quantifier!.sourceString) as Quantifier,
    expression: expression!['expression'](),
    text: node.sourceString.replace(/\s+/g, ' '),
    at: position(node.source),
  };
}
