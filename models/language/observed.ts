import { PENDING, type Ledger, type Observer } from '../../src/core/index.js';
import { resultName } from '../../src/errno.js';
import type { Expression, Litmus } from '../../src/litmus/ast.js';
import { orderText, placeText } from '../../src/litmus/print.js';
import type { Kernel } from '../kernel.js';
import { valueNames } from '../names.js';
import { outcomeOf } from '../operations.js';
import type { Scenario } from '../scenario.js';
import { STALE } from '../state/shape.js';
import { Names } from './compile.js';

/** Something that a test looks at, by the name that its condition has for it. */
export interface Observed {
  readonly name: string;
  readonly read: () => number;
  readonly show: (value: number) => string;
}

/**
 * What the condition looks at, in its order; of a test without a condition,
 * what the operations returned.
 */
export function observedBy(
  { litmus, scenario, file }: { litmus: Litmus; scenario: Scenario; file: string },
  k: Kernel,
  ledger: Ledger,
  observer: Observer | undefined,
): readonly Observed[] {
  const names = new Names(k, ledger, scenario, file, observer);
  const all = litmus.condition
    ? seenBy(litmus.condition.expression, names)
    : returned(scenario, ledger);
  return all.filter(({ name }, i) => all.findIndex((o) => o.name === name) === i);
}

function seenBy(e: Expression, names: Names): Observed[] {
  if (e.kind === 'not') return seenBy(e.of, names);
  if (e.kind === 'order') {
    const holds = names.order(e.order);
    return [{ name: orderText(e.order), read: () => Number(holds()), show: String }];
  }
  if (e.kind !== 'compare') return [...seenBy(e.left, names), ...seenBy(e.right, names)];
  const { actor, place } = e;
  if (actor === undefined)
    return [
      { name: placeText(place), read: names.state(place), show: (v) => stateName(place.name, v) },
    ];
  const read = names.outcome(actor, place);
  return [{ name: `${actor}:${place.name}`, read, show: (v) => resultText(place.name, v) }];
}

function returned({ columns }: Scenario, ledger: Ledger): Observed[] {
  return columns.flatMap(({ name, calls }, column) =>
    calls.flatMap((call, op) =>
      call.op === 'after' || outcomeOf(call)[0] !== 'r'
        ? []
        : [
            {
              name: `${name}:r${op}`,
              read: () => ledger.outcome(column, op, 0),
              show: (v: number) => resultText('r', v),
            },
          ],
    ),
  );
}

function resultText(name: string, value: number): string {
  if (value === PENDING) return 'PENDING';
  return valueNames.result?.(0, name.replace(/\d+$/, ''), value) ?? resultName(value);
}

const LOCK = ['0', 'read', 'write'];

/** Words that a condition may compare with, where there are some. */
const STATES: Readonly<Record<string, readonly string[]>> = {
  attr: ['shared', 'private'],
  rmp: ['shared', 'assigned'],
  sept: ['free', 'pending', 'mapped', 'blocked'],
  spte: ['0', 'host', 'gmem'],
  invalidate_lock: LOCK,
  mmu_lock: LOCK,
  slots_lock: LOCK,
  kvm_lock: LOCK,
  folio_lock: LOCK,
};

function stateName(name: string, value: number): string {
  if ((name === 'content' || name === 'host') && value === STALE) return 'stale';
  return STATES[name]?.[value] ?? String(value);
}
