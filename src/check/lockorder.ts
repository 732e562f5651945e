import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { lockCycles } from '../core/lockcycles.js';
import { lockOrderOf, nestingKey } from '../core/lockorder.js';
import type { Machine } from '../core/machine.js';
import type { LockCycle, LockOrder, SeenNesting } from '../report/lockorder.js';
import { searchedTests } from './searched.js';

/** What one search adds to the lock order of its protocol; nothing where the test changes that. */
export function seenNestings(machine: Machine, { name, scenario }: LitmusTest): SeenNesting[] {
  if (scenario.changes) return [];
  return lockOrderOf(machine).map((nesting) => ({ ...nesting, test: name }));
}

/**
 * The lock order of a protocol over all that was seen of it: a cycle may have
 * its chains in different tests. The first test that shows a nesting stands for it.
 */
export function mergeLockOrder(protocol: string, seen: Iterable<SeenNesting>): LockOrder {
  const first = new Map<string, SeenNesting>();
  for (const nesting of seen) {
    const key = nestingKey(nesting);
    if (!first.has(key)) first.set(key, nesting);
  }
  const nestings = [...first.values()];
  return { protocol, nestings, cycles: lockCycles(nestings) };
}

/** The lock order of a protocol as far as the committed tests reach it. */
export function committedLockOrder(protocol: Protocol): LockOrder {
  const seen = [...searchedTests(protocol)].flatMap(({ test, machine }) =>
    seenNestings(machine, test),
  );
  return mergeLockOrder(protocol.id, seen);
}

/** The lock orders of a campaign: each protocol's is the union over its tests. */
export class LockOrderSum {
  private readonly seen = new Map<string, readonly SeenNesting[]>();

  add(protocol: string, nestings: readonly SeenNesting[]): void {
    this.seen.set(protocol, mergeLockOrder(protocol, [...this.of(protocol), ...nestings]).nestings);
  }

  /** In the order in which protocols were first added. */
  all(): LockOrder[] {
    return [...this.seen.keys()].map((id) => mergeLockOrder(id, this.of(id)));
  }

  /** The cycles of a protocol that name this test: it was the first to show one of the chains. */
  cyclesOf(protocol: string, test: string): readonly LockCycle[] {
    const { cycles } = mergeLockOrder(protocol, this.of(protocol));
    return cycles.filter((cycle) => cycle.some((nesting) => nesting.test === test));
  }

  private of(protocol: string): readonly SeenNesting[] {
    return this.seen.get(protocol) ?? [];
  }
}
