import type { Given, Seen } from './seen.js';
import { labelMatcher, plain, type Request, type Value } from './values.js';

/** May the frame stand at a request like this? */
export function fits(
  { asked, name }: Seen,
  of: Request['of'],
  parts: readonly (string | null)[],
): boolean {
  if (of === 'again') return asked === 'again';
  return asked === (of === 'call' ? 'call' : 'step') && labelMatcher(parts)(name);
}

/** Does the frame return this, as far as one can tell? */
export function returns({ asked, value: returned }: Seen, value: Value): boolean {
  if (asked !== 'return') return false;
  if (value.kind === 'plain') return (value.value ?? null) === returned;
  if (value.kind !== 'list' || typeof returned !== 'object') return true;
  return value.items.every((v, i) => v.kind !== 'plain' || v.value === returned?.[i]);
}

/** What a request gave: a test gives a truth value where a step gives a number. */
export function valueOf(given: Given, of: Request['of']): Value {
  if (given === null) return plain(undefined);
  if (typeof given === 'object') return { kind: 'list', items: given.map(plain) };
  return plain(of === 'test' ? given !== 0 : given);
}
