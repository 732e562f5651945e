import type { Protocol } from '../../models/protocol.js';
import { lockCycles } from '../core/lockcycles.js';
import { lockOrderOf, nestingKey } from '../core/lockorder.js';
import type { Machine } from '../core/machine.js';
import type { LockOrder, SeenNesting } from '../report/lockorder.js';
import { searchedTests } from './searched.js';

/** What one search adds to the lock order of its protocol. */
export function seenNestings(machine: Machine, test: string): SeenNesting[] {
  return lockOrderOf(machine).map((nesting) => ({ ...nesting, test }));
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
    seenNestings(machine, test.name),
  );
  return mergeLockOrder(protocol.id, seen);
}
