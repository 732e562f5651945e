import type { Node } from 'ohm-js';
import { formatLitmus } from './format/format.js';
import { litmusGrammar } from './grammar.js';
import { parseLitmus } from './parse.js';
import { semantics } from './words.js';

/** What another file of the same test says instead. */
export interface Rewritten {
  /** Stands above it, as a comment. */
  readonly head: string;
  readonly memory: string;
  /** Invariants to check and no others; undefined = as the test has it. */
  readonly only: readonly string[] | undefined;
  readonly keepsCondition: boolean;
  /** In the place of those that there are. */
  readonly expectations: readonly string[];
}

interface Span {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

semantics.addOperation<Span[]>('spans', {
  File(_gmem, _name, _title, initial, _changes, _header, _rows, clauses) {
    const braces = spanOf('Initial', initial);
    return [
      braces,
      ...initial.children[1]!.children.filter((a: Node) => /^memory\b/.test(a.sourceString)).map(
        (a: Node) => spanOf('Memory', a),
      ),
      ...clauses.children.map((c: Node) => spanOf(c.children[0]!.ctorName, c)),
    ];
  },
});

const spanOf = (kind: string, { source }: Node): Span => ({
  kind,
  start: source.startIdx,
  end: source.endIdx,
});

/** The test with other checks and expectations, its comments kept. @throws InputError */
export function rewriteLitmus(text: string, file: string, to: Rewritten): string {
  parseLitmus(text, file);
  const spans = semantics(litmusGrammar.match(text, 'File'))['spans']() as Span[];
  const dropped = new Set(['Memory', 'Expect']);
  if (to.only) dropped.add('Check');
  if (!to.keepsCondition) dropped.add('Condition');
  const { start: brace } = spans.find((s) => s.kind === 'Initial')!;
  const cuts = spans.filter((s) => dropped.has(s.kind)).toSorted((a, b) => a.start - b.start);
  let kept = '';
  let from = 0;
  for (const { start, end } of [{ start: brace + 1, end: brace + 1 }, ...cuts]) {
    kept += text.slice(from, start);
    if (start === brace + 1) kept += ` memory=${to.memory};`;
    from = end;
  }
  const only = to.only ? [`check only ${to.only.join(' ')}`] : [];
  const rest = `${kept}${text.slice(from)}`.replace(/\n\s*\n/g, '\n').trim();
  const lines = [`(* ${to.head} *)`, rest, ...only, ...to.expectations];
  return formatLitmus(lines.join('\n'), file);
}
