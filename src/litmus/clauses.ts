import type { Node } from 'ohm-js';
import { InputError } from '../core/errors.js';
import type { Change, Expectation, OperationText, Value } from './ast.js';
import { position, semantics } from './words.js';

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
  const named = steps.flatMap((s) => s.children[0]!.children.map((f): Value => f['value']()));
  const [fn, other] = named;
  if (other && other.text !== fn!.text)
    throw new InputError(
      `${other.at.line}:${other.at.column}: steps of two functions: expected one of ${fn!.text}`,
    );
  const labels = steps.map((s): Value => s.children[2]!['value']());
  return { does, fn, labels, ...givenBy(given), ...writtenAs(node) };
}

const givenBy = (given: Node | undefined): Pick<Change, 'gives'> => ({
  gives: given?.children[0]?.children[1]!['values']() ?? [],
});

const writtenAs = (node: Node): Pick<Change, 'text' | 'at'> => ({
  text: node.sourceString.replace(/\s+/g, ' ').replace(/ ?;$/, ''),
  at: position(node.source),
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
    steps: steps && lengthIn(steps),
    preemptions: preemptions && lengthIn(preemptions),
  };
}

/** Longer than any run that a search comes to. */
const LONGEST = 1_000_000_000;

function lengthIn({ source, sourceString }: Node): number {
  const number = Number(sourceString);
  const { line, column } = position(source);
  if (number > LONGEST) throw new InputError(`${line}:${column}: expected at most ${LONGEST}`);
  return number;
}
