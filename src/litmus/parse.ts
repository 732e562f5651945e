import type { Interval, Node } from 'ohm-js';
import { InputError } from '../core/errors.js';
import { errorNumber } from '../errno.js';
import type {
  Assignment,
  Change,
  Event,
  Expectation,
  Expression,
  Litmus,
  OperationText,
  Place,
  Position,
  Quantifier,
  Value,
} from './ast.js';
import { litmusGrammar } from './grammar.js';

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

const semantics = litmusGrammar.createSemantics();

const position = (source: Interval): Position => {
  const { lineNum, colNum } = source.getLineAndColumn();
  return { line: lineNum, column: colNum };
};

semantics.addOperation<Value>('value', {
  value(_sign, _word, _dot, _rest) {
    const text = this.sourceString;
    return { text, number: numberOf(text), at: position(this.source) };
  },
  protocol(_name) {
    return plain(this);
  },
  actorName(_vm, _first, _rest) {
    return plain(this);
  },
  word(_first, _rest) {
    return plain(this);
  },
  stepName_quoted(_open, name, _close) {
    return plain(name);
  },
  stepName_plain(_first, _rest) {
    return plain(this);
  },
});

function plain(node: Node): Value {
  return { text: node.sourceString, number: undefined, at: position(node.source) };
}

function numberOf(text: string): number | undefined {
  return /^-?\d+$/.test(text) ? Number(text) : errorNumber(text);
}

semantics.addOperation<Place>('place', {
  Place_indexed(word, _open, index, _close) {
    return {
      vm: undefined,
      name: word.sourceString,
      index: Number(index.sourceString),
      at: position(this.source),
    };
  },
  Place_plain(word) {
    return {
      vm: undefined,
      name: word.sourceString,
      index: undefined,
      at: position(this.source),
    };
  },
});

semantics.addOperation<Value[]>('values', {
  Values_several(_open, list, _close) {
    return list.asIteration().children.map((c: Node) => c['value']());
  },
  Values_one(value) {
    return [value['value']()];
  },
});

semantics.addOperation<OperationText>('operation', {
  Operation_call(word, _open, args, _close) {
    return operation(this, word.sourceString, args.asIteration().children);
  },
  Operation_after(_after, column, _colon, word) {
    return operation(this, 'after', [column, word]);
  },
  Operation_guest(word, _colon, args) {
    return operation(this, `${word.sourceString}:`, args.children);
  },
  Operation_host(word, args) {
    return operation(this, word.sourceString, args.children);
  },
});

function operation(node: Node, name: string, args: Node[]): OperationText {
  const text = node.sourceString.replace(/\s+/g, ' ');
  return { name, args: args.map((a) => a['value']()), text, at: position(node.source) };
}

semantics.addOperation<Expression>('expression', {
  Expression_or: (left, _or, right) => both('or', left, right),
  Conjunction_and: (left, _and, right) => both('and', left, right),
  Negation_not: (_not, of) => ({ kind: 'not', of: of['expression']() }),
  Order_sequence: (first, _arrows, rest) => ({
    kind: 'order',
    order: {
      kind: 'sequence',
      events: [first, ...rest.children].map((e: Node) => e['event']()),
    },
  }),
  Order_during: (inner, _during, outer) => ({
    kind: 'order',
    order: { kind: 'during', events: [inner['event'](), outer['event']()] },
  }),
  Primary_group: (_open, inner, _close) => inner['expression'](),
  Comparison_compare(subject, relation, value) {
    return {
      ...subject['subject'](),
      relation: relation.sourceString,
      value: value['value'](),
    };
  },
  Comparison_truth: (subject) => ({
    ...subject['subject'](),
    relation: undefined,
    value: undefined,
  }),
});

semantics.addOperation<Event>('event', {
  Event(column, _at, name, _colon, label) {
    return {
      column: column['value'](),
      name: name['value'](),
      label: label.children[0]?.['value'](),
    };
  },
});

semantics.addOperation<Change>('change', {
  Change_drop(_drop, step, given, _end) {
    return changeOf(this, 'drop', [step], given);
  },
  Change_skip(_skip, fn, given, _end) {
    const change = { does: 'skip', fn: fn['value'](), labels: [] } as const;
    return { ...change, ...givenBy(given), ...writtenAs(this) };
  },
  Change_swap(_swap, a, b, _end) {
    return changeOf(this, 'swap', [a, b]);
  },
  Change_move(_move, a, _after, b, _end) {
    return changeOf(this, 'move', [a, b]);
  },
});

function changeOf(node: Node, does: Change['does'], steps: Node[], given?: Node): Change {
  const [fn, other] = steps.map((s): Value => s.children[0]!['value']());
  if (other && other.text !== fn!.text)
    throw new InputError(
      `${other.at.line}:${other.at.column}: steps of two functions: expected one of ${fn!.text}`,
    );
  const labels = steps.map((s): Value => s.children[2]!['value']());
  return { does, fn: fn!, labels, ...givenBy(given), ...writtenAs(node) };
}

const givenBy = (given: Node | undefined): Pick<Change, 'gives'> => ({
  gives: given?.children[0]?.children[1]!['values']() ?? [],
});

const writtenAs = (node: Node): Pick<Change, 'text' | 'at'> => ({
  text: node.sourceString.replace(/\s+/g, ' ').replace(/ ?;$/, ''),
  at: position(node.source),
});

function both(kind: 'and' | 'or', left: Node, right: Node): Expression {
  return { kind, left: left['expression'](), right: right['expression']() };
}

semantics.addOperation<object>('subject', {
  Subject_actor: (actor, _colon, place) => ({
    kind: 'compare',
    actor: actor.sourceString,
    place: place['place'](),
  }),
  Subject_vm: (vm, place) => ({ kind: 'compare', actor: undefined, place: ofVm(vm, place) }),
  Subject_place: (place) => ({ kind: 'compare', actor: undefined, place: place['place']() }),
});

semantics.addOperation<Expectation>('expectation', {
  Expect(_expect, protocols, _colon, outcome) {
    return {
      protocols: protocols.children.map((p: Node) => p['value']()),
      ...outcome['outcome'](),
      at: position(this.source),
    };
  },
});

semantics.addOperation<object>('outcome', {
  Outcome_violated: (_violated, property, steps) => ({
    verdict: 'violated',
    property: property['value'](),
    ...lengthOf(steps),
  }),
  Outcome_holds: (_holds, steps) => ({
    verdict: 'holds',
    property: undefined,
    ...lengthOf(steps),
  }),
});

function lengthOf(optional: Node): Pick<Expectation, 'steps' | 'preemptions'> {
  const [inSteps] = optional.children;
  const [, steps, , preempted] = inSteps?.children ?? [];
  const preemptions = preempted?.children[0]?.children[1];
  return {
    steps: steps && Number(steps.sourceString),
    preemptions: preemptions && Number(preemptions.sourceString),
  };
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

/** A place, with the VM that `vmN:` before it names. */
function ofVm(vm: Node | undefined, place: Node): Place {
  return { ...place['place'](), vm: vm && Number(vm.sourceString.slice(2, -1)) };
}

function assignment(node: Node): Assignment {
  const [vm, place, , values] = node.children;
  return {
    place: ofVm(vm!.children[0], place!),
    values: values!['values'](),
  };
}

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
