import type { Node } from 'ohm-js';
import { InputError } from '../core/errors.js';
import type { Litmus, OperationText, Position, Quantifier } from './ast.js';
import './clauses.js';
import './expressions.js';
import { litmusGrammar } from './grammar.js';
import { assignment, position, semantics } from './words.js';

/** Longest file that is read: far beyond any test that can be checked. */
export const MAX_LITMUS_LENGTH = 64 * 1024;

/** Most parentheses that are open at once, plus all negations of a file. */
const MAX_NESTING = 100;

/** Most conjunctions and disjunctions: they nest to the left. */
const MAX_CONNECTIVES = 500;

/**
 * Parses a litmus file.
 * @param file its name, for messages
 * @throws InputError `file:line:column: what was expected`
 */
export function parseLitmus(text: string, file: string): Litmus {
  if (text.length > MAX_LITMUS_LENGTH)
    throw new InputError(`${file}: longer than ${MAX_LITMUS_LENGTH} characters`);
  checkDepth(text, file);
  const match = litmusGrammar.match(text, 'File');
  if (match.failed()) {
    const { shortMessage = '' } = match;
    const [, line, column, expected] = /^Line (\d+), col (\d+): ([^]*)$/.exec(shortMessage) ?? [];
    throw new InputError(`${file}:${line}:${column}: ${expected ?? shortMessage}`);
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

/** The parser recurses: what would exhaust its stack is refused before it begins. */
function checkDepth(text: string, file: string): void {
  let open = 0;
  let negations = 0;
  let connectives = 0;
  let line = 1;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\n') line++;
    else if (c === '(') open++;
    else if (c === ')') open = Math.max(0, open - 1);
    else if (c === '~') negations++;
    else if ((c === '/' && text[i + 1] === '\\') || (c === '\\' && text[i + 1] === '/'))
      connectives++;
    if (open + negations > MAX_NESTING)
      throw new InputError(`${file}:${line}: nested deeper than ${MAX_NESTING} levels`);
    if (connectives > MAX_CONNECTIVES)
      throw new InputError(`${file}:${line}: more than ${MAX_CONNECTIVES} times /\\ and \\/`);
  }
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
    const columns = header.children[0]!.asIteration().children.map((c: Node) => ({
      name: c.sourceString,
      at: position(c.source),
    }));
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
        `${line}:${column}: ${cells.length} cells in a row of a table with ${width} columns`,
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
