import { InputError } from '../../src/core/index.js';
import type { Expression, Litmus, OrderText } from '../../src/litmus/ast.js';
import { at } from '../../src/litmus/parse.js';
import { nearest } from '../../src/nearest.js';

/** Beyond, what is watched is more than the world. */
const MAX_EVENTS = 16;

/** The orders that a condition asks for. @throws InputError pointing at a column that is none */
export function readOrders({ condition, columns }: Litmus, file: string): readonly OrderText[] {
  const orders = condition ? ordersIn(condition.expression) : [];
  const events = orders.flatMap((o) => o.events);
  const names = columns.map((c) => c.name);
  for (const { column } of events)
    if (!names.includes(column.text))
      throw new InputError(
        `${at(file, column.at)}: no column '${column.text}'${nearest(column.text, names)}`,
      );
  const event = events[MAX_EVENTS];
  if (event)
    throw new InputError(`${at(file, event.column.at)}: more than ${MAX_EVENTS} steps are watched`);
  return orders;
}

function ordersIn(e: Expression): OrderText[] {
  if (e.kind === 'not') return ordersIn(e.of);
  if (e.kind === 'compare') return [];
  if (e.kind === 'order') return [e.order];
  return [...ordersIn(e.left), ...ordersIn(e.right)];
}
