import type { Node } from 'ohm-js';
import { assignmentText, changeText, operationText } from '../print.js';
import { assignment, semantics } from '../words.js';
import { clauseLines } from './clause.js';

/** A part of a file that has lines of its own, and where it stands. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
  /** Stands in braces, indented where there is a comment among them. */
  readonly within?: 'initial' | 'with';
}

const piece = (first: Node, last: Node, lines: readonly string[]): Piece => ({
  start: first.source.startIdx,
  end: last.source.endIdx,
  lines,
});

semantics.addOperation<Piece[]>('pieces', {
  File(gmem, name, title, initial, changes, header, rows, clauses) {
    const [quoted] = title.children;
    const [difference] = changes.children;
    return [
      piece(gmem, name, [`gmem ${name.sourceString}`]),
      ...(quoted ? [piece(quoted, quoted, [quoted.sourceString.replace(/\s+/g, ' ')])] : []),
      ...group(initial, initial.children[1]!.children, 'initial'),
      ...(difference ? group(difference, difference.children[2]!.children, 'with') : []),
      ...table(header, rows.children),
      ...clauses.children.map((c: Node) => piece(c, c, clauseLines(c.sourceString))),
    ];
  },
});

function group(node: Node, members: Node[], within: 'initial' | 'with'): Piece[] {
  const text = (m: Node): string =>
    within === 'with' ? changeText(m['change']()) : assignmentText(assignment(m));
  const open = within === 'with' ? 'with {' : '{';
  const first = members[0]?.source.startIdx ?? node.source.endIdx - 1;
  const close = node.source.endIdx;
  return [
    {
      start: node.source.startIdx,
      end: Math.min(node.source.startIdx + 1, first),
      lines: [open],
      within,
    },
    ...members.map((m) => ({ ...piece(m, m, [text(m)]), within })),
    { start: close - 1, end: close, lines: ['}'], within },
  ];
}

const cellsOf = (node: Node): Node[] => node.children[0]!.asIteration().children;

/** Columns are as wide as what stands in them. */
function table(header: Node, rows: Node[]): Piece[] {
  const head = cellsOf(header).map((c) => c.sourceString);
  const body = rows.map((row) =>
    cellsOf(row).map((cell) => {
      const [op] = cell.children[0]!.children;
      return op ? operationText(op['operation']()) : '';
    }),
  );
  const widths = head.map((name, i) =>
    Math.max(name.length, ...body.map((cells) => cells[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    ` ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} ;`;
  return [
    piece(header, header, [line(head)]),
    ...rows.map((row, i) => piece(row, row, [line(body[i]!)])),
  ];
}
