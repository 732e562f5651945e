import type { Order, Watched } from '../src/core/index.js';
import type { Event, OrderText } from '../src/litmus/ast.js';
import { eventText } from '../src/litmus/print.js';
import type { Protocol } from './protocol.js';

/** The orders that a condition asks for, in the engine's terms. */
export function ordersOf(
  orders: readonly OrderText[],
  columns: readonly { readonly name: string }[],
  { functions }: Protocol,
): readonly Order[] {
  const watched = ({ column, name, label }: Event): Watched => {
    const isCall = label === undefined && Object.hasOwn(functions, name.text);
    return {
      actor: columns.findIndex((c) => c.name === column.text),
      fn: isCall || label ? name.text : undefined,
      label: isCall ? undefined : (label ?? name).text,
      text: eventText({ column, name, label }),
    };
  };
  return orders.map(({ kind, events }) => ({ kind, events: events.map(watched) }));
}
