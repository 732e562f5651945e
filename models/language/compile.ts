import { EngineError, InputError, type Ledger, type Observer } from '../../src/core/index.js';
import type { Expression, Litmus, OrderText, Place, Value } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import { nearest } from '../../src/nearest.js';
import type { Kernel } from '../kernel.js';
import { outcomeOf } from '../operations.js';
import type { AskedCondition, Scenario } from '../scenario.js';
import { OBSERVABLES, WORDS } from './conditions.js';

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

function comparison(e: Extract<Expression, { kind: 'compare' }>, names: Names): () => boolean {
  const read = e.actor === undefined ? names.state(e.place) : names.outcome(e.actor, e.place);
  if (!e.relation) return () => read() !== 0;
  const value = names.value(e.value!);
  switch (e.relation) {
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
    if (index === undefined || index >= observable!.count(this.k))
      throw new InputError(
        `${at(this.file, place.at)}: expected ${place.name}[i] with i from 0 to ${observable!.count(this.k) - 1}`,
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
    const column = this.scenario.columns.findIndex((c) => c.name === actor);
    if (column < 0)
      throw new InputError(
        `${at(this.file, place.at)}: no column '${actor}'${nearest(
          actor,
          this.scenario.columns.map((c) => c.name),
        )}`,
      );
    const known = this.scenario.columns[column]!.calls.flatMap((call, op) =>
      outcomeOf(call).map((field, n) => ({ name: `${field}${op}`, op, n })),
    );
    const found = known.find((o) => o.name === place.name);
    if (!found)
      this.unknown(
        place,
        known.map((o) => o.name),
      );
    return () => this.ledger.outcome(column, found!.op, found!.n);
  }

  value(value: Value): number {
    const word = Object.hasOwn(WORDS, value.text) ? WORDS[value.text] : undefined;
    const number = value.number ?? word;
    if (number === undefined)
      throw new InputError(
        `${at(this.file, value.at)}: expected a number, an error such as -EAGAIN, or one of ` +
          `${Object.keys(WORDS).join(', ')}, got '${value.text}'`,
      );
    return number;
  }

  private unknown(place: Place, known: readonly string[]): never {
    throw new InputError(
      `${at(this.file, place.at)}: unknown '${place.name}'${nearest(place.name, known)}; ` +
        `expected one of ${known.join(', ')}`,
    );
  }
}
