import type { Node } from 'ohm-js';
import type { Event, Expression } from './ast.js';
import { ofVm, semantics } from './words.js';

semantics.addOperation<Event>('event', {
  Event(column, _at, name, _colon, label) {
    return {
      column: column['value'](),
      name: name['value'](),
      label: label.children[0]?.['value'](),
    };
  },
});

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
