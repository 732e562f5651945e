import {
  EngineError,
  InputError,
  PENDING,
  type Ledger,
  type Observer,
} from '../../src/core/index.js';
import { ERRNO } from '../../src/errno.js';
import type { Expression, Litmus, OrderText, Place } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import { placeText } from '../../src/litmus/print.js';
import { nearest } from '../../src/nearest.js';
import type { Kernel } from '../kernel.js';
import { outcomeOf } from '../operations.js';
import type { AskedCondition, Scenario } from '../scenario.js';
import { OBSERVABLES } from './conditions.js';
import { outcomeTakes, stateTakes, takesText, type Takes } from './values.js';

/** Compiles a condition. @throws InputError pointing at what it does not know. */
export function readCondition(
  litmus: Litmus,
  scenario: Scenario,
  file: string,
): AskedCondition | undefined {
  const { condition } = litmus;
  if (!condition) return undefined;
  return (k, ledger, observer) => {
    const names = new Names(k, ledger, scenario, file, observer);
    const holds = compile(condition.expression, names);
    return { quantifier: condition.quantifier, text: condition.text, holds };
  };
}

function compile(e: Expression, names: Names): () => boolean {
  if (e.kind === 'not') {
    const of = compile(e.of, names);
    return () => !of();
  }
  if (e.kind === 'compare') return comparison(e, names);
  if (e.kind === 'order') return names.order(e.order);
  const left = compile(e.left, names);
  const right = compile(e.right, names);
  return e.kind === 'and' ? () => left() && right() : () => left() || right();
}

type Comparison = Extract<Expression, { kind: 'compare' }>;
type Relation = NonNullable<Comparison['relation']>;

function comparison(e: Comparison, names: Names): () => boolean {
  const isOutcome = e.actor !== undefined;
  const read = isOutcome ? names.outcome(e.actor, e.place) : names.state(e.place);
  const value = e.relation ? names.value(e) : 0;
  const compared = comparing(read, e.relation ?? '!=', value);
  // What has not come back yet is neither less nor more than anything.
  return isOutcome && value !== PENDING ? () => read() !== PENDING && compared() : compared;
}

function comparing(read: () => number, relation: Relation, value: number): () => boolean {
  switch (relation) {
    case '=':
      return () => read() === value;
    case '!=':
      return () => read() !== value;
    case '<':
      return () => read() < value;
    case '>':
      return () => read() > value;
    case '<=':
      return () => read() <= value;
    case '>=':
      return () => read() >= value;
  }
}

/** What the names of a condition stand for in a world. */
export class Names {
  constructor(
    private readonly k: Kernel,
    private readonly ledger: Ledger,
    private readonly scenario: Scenario,
    private readonly file: string,
    private readonly observer: Observer | undefined,
  ) {}

  order(order: OrderText): () => boolean {
    const { observer } = this;
    const number = this.scenario.orders?.indexOf(order) ?? -1;
    if (!observer || number < 0) throw new EngineError('an order that nobody watches');
    return () => observer.holds(number);
  }

  state(place: Place): () => number {
    const observable = Object.hasOwn(OBSERVABLES, place.name) ? OBSERVABLES[place.name] : undefined;
    if (!observable) this.unknown(place, Object.keys(OBSERVABLES));
    const { index } = place;
    const count = observable!.count(this.k);
    if (count === 0)
      throw new InputError(
        `${at(this.file, place.at)}: this test has no ${place.name}[i]: expected ${observable!.needs} in its initial state`,
      );
    if (index === undefined || index >= count)
      throw new InputError(
        `${at(this.file, place.at)}: expected ${
          count === 1 ? `${place.name}[0]` : `${place.name}[i] with i from 0 to ${count - 1}`
        }`,
      );
    const { vm = 0 } = place;
    if (!this.k.kvms[vm] || (vm > 0 && !observable!.ofVm))
      throw new InputError(
        `${at(this.file, place.at)}: no 'vm${vm}:${place.name}'; expected a VM of the test, and of ` +
          Object.keys(OBSERVABLES)
            .filter((name) => OBSERVABLES[name]!.ofVm)
            .join(', '),
      );
    return () => observable!.read(this.k, index, this.k.kvms[vm]!);
  }

  /** host:r0 is field r of the first operation of column host. */
  outcome(actor: string, place: Place): () => number {
    const { column, op, n } = this.result(actor, place);
    return () => this.ledger.outcome(column, op, n);
  }

  private result(actor: string, place: Place) {
    const column = this.scenario.columns.findIndex((c) => c.name === actor);
    if (column < 0)
      throw new InputError(
        `${at(this.file, place.at)}: no column '${actor}'${nearest(
          actor,
          this.scenario.columns.map((c) => c.name),
        )}`,
      );
    const known = this.scenario.columns[column]!.calls.flatMap((call, op) =>
      outcomeOf(call).map((field, n) => ({ name: `${field}${op}`, field, call, op, n })),
    );
    const found = known.find((o) => o.name === place.name);
    if (!found)
      this.unknown(
        place,
        known.map((o) => o.name),
      );
    return { column, ...found! };
  }

  /** What a place is compared with. @throws InputError for what it never is */
  value({ actor, place, value }: Comparison): number {
    const { text, number, at: position } = value!;
    const takes = this.takes(actor, place);
    const word = Object.hasOwn(takes.words, text) ? takes.words[text] : undefined;
    if (word !== undefined) return word;
    if (number !== undefined && takes.has(number)) return number;
    const errors = text.startsWith('-') ? Object.keys(ERRNO).map((e) => `-${e}`) : [];
    const what = `${actor === undefined ? '' : `${actor}:`}${placeText(place)}`;
    throw new InputError(
      `${at(this.file, position)}: ${what} is never '${text}'${nearest(text, [...Object.keys(takes.words), ...errors])}; ` +
        `expected ${takesText(takes)}`,
    );
  }

  private takes(actor: string | undefined, place: Place): Takes {
    if (actor === undefined) return stateTakes(place.name, this.k);
    const { field, call } = this.result(actor, place);
    return outcomeTakes(field, call, this.k);
  }

  private unknown(place: Place, known: readonly string[]): never {
    throw new InputError(
      `${at(this.file, place.at)}: unknown '${place.name}'${nearest(place.name, known)}; ` +
        `expected one of ${known.join(', ')}`,
    );
  }
}
