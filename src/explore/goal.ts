import { FINE, type Machine } from '../core/machine.js';
import { CONDITION, DEADLOCK } from './verdict.js';

/** What a search looks for: a state of which this is true, among states of a kind. */
export interface Goal {
  /** Of all states, of those in which all have finished, or of those in which nobody can move. */
  readonly among: 'all' | 'final' | 'stuck';
  readonly holds: (memory: number) => boolean;
}

/**
 * The states in which a property shows. A run ends where any property breaks:
 * the world's first property is the one that counts where several break at once.
 */
export function goalOf(machine: Machine, property: string): Goal {
  const { condition, properties } = machine.world;
  if (property === DEADLOCK) return { among: 'stuck', holds: () => true };
  if (property === CONDITION && condition) {
    const { quantifier } = condition;
    const wanted = ['exists', 'not exists', 'never'].includes(quantifier);
    const holds = memoized((m) => machine.inspect(m, condition.holds) === wanted);
    return { among: ['always', 'never'].includes(quantifier) ? 'all' : 'final', holds };
  }
  const index = properties.findIndex((p) => p.id === property);
  return { among: 'all', holds: (memory) => index >= 0 && machine.broken[memory] === index };
}

/** Does no run go on from here, whoever could move? */
export const isBroken = (machine: Machine, memory: number): boolean =>
  machine.broken[memory] !== FINE;

/** Decided once per memory. */
export function memoized(decide: (memory: number) => boolean): (memory: number) => boolean {
  const known: (boolean | undefined)[] = [];
  return (memory) => (known[memory] ??= decide(memory));
}
