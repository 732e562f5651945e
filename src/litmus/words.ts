import type { Interval, Node } from 'ohm-js';
import { errorNumber } from '../errno.js';
import type { Assignment, Place, Position, Value } from './ast.js';
import { litmusGrammar } from './grammar.js';

/** The meaning of each rule, added to by the files beside this one. */
export const semantics = litmusGrammar.createSemantics();

/** Where a rule has matched. */
export function position({ sourceString, startIdx }: Interval): Position {
  if (sourceString !== lines.text) lines = { text: sourceString, starts: startsOf(sourceString) };
  const next = lines.starts.findIndex((start) => start > startIdx);
  const line = next < 0 ? lines.starts.length : next;
  return { line, column: startIdx - lines.starts[line - 1]! + 1 };
}

/** Of the text that was last asked about: there are thousands of places in one. */
let lines: { text: string; starts: readonly number[] } = { text: '', starts: [0] };

const startsOf = (text: string): number[] => [
  0,
  ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1),
];

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

/** A place, with the VM that `vmN:` before it names. */
export function ofVm(vm: Node | undefined, place: Node): Place {
  return { ...place['place'](), vm: vm && Number(vm.sourceString.slice(2, -1)) };
}

/** An entry of an initial state. */
export function assignment(node: Node): Assignment {
  const [vm, place, , values] = node.children;
  return {
    place: ofVm(vm!.children[0], place!),
    values: values!['values'](),
  };
}
