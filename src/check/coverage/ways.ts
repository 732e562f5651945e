import type { Node } from '@babel/types';
import type { Seen } from './seen.js';
import { common, truth, UNKNOWN, type Env, type Value } from './values.js';

/**
 * A way through a function so far. `at` is where a frame stands that a search
 * saw, with all that it received; without it, it is the way of anybody who might
 * come, the ghost.
 */
export interface Way {
  readonly at: Seen | undefined;
  readonly env: Env;
  readonly value: Value;
}

/** Those that go on where it is true, and where it is false; both where nobody knows. */
export function split(ways: readonly Way[]): [Way[], Way[]] {
  return [
    ways.filter((w) => truth(w.value) !== false),
    ways.filter((w) => truth(w.value) !== true),
  ];
}

/** Ways of the same frame become one, which knows what they agree on. */
export function merge(ways: readonly Way[]): Way[] {
  if (ways.length < 2) return [...ways];
  const met = new Map<Seen | undefined, Way>();
  for (const way of ways) {
    const other = met.get(way.at);
    met.set(way.at, other ? { ...way, env: common(other.env, way.env) } : way);
  }
  return [...met.values()];
}

/** Ways that have not been around a loop yet, or knew more when they were. */
export function unseen(ways: readonly Way[], seen: Map<Seen | undefined, Env>): Way[] {
  return merge(ways).flatMap((way) => {
    const before = seen.get(way.at);
    const env = before ? common(before, way.env) : way.env;
    if (before && env.size === before.size) return [];
    seen.set(way.at, env);
    return [{ ...way, env }];
  });
}

/** A variable, or the variables of a pattern, get the value of the way. */
export function bind(target: Node, way: Way): Way {
  const env = new Map(way.env);
  set(target, way.value, env);
  return { ...way, env };
}

function set(target: Node, value: Value, env: Map<string, Value>): void {
  if (target.type === 'Identifier') env.set(target.name, value);
  else if (target.type === 'ArrayPattern')
    target.elements.forEach((e, i) => {
      if (e) set(e, value.kind === 'list' ? (value.items[i] ?? UNKNOWN) : UNKNOWN, env);
    });
  else if (target.type === 'ObjectPattern')
    for (const p of target.properties) set(p.type === 'RestElement' ? p : p.value, UNKNOWN, env);
}
