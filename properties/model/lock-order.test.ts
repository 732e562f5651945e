import { describe, expect, it } from 'vitest';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
  slots_lock,
  slots_unlock,
} from '../../models/flows/locks.js';
import type { Implementations } from '../../models/functions.js';
import { protocol, type Protocol } from '../../models/protocol.js';
import { protocolById, protocols } from '../../models/protocols/index.js';
import { committedLockOrder } from '../../src/check/lockorder.js';
import { cycleText, type LockOrder } from '../../src/report/lockorder.js';
import { isThorough } from '../effort.js';
import { knownCycles } from './lock-cycles.js';
import { instead } from '../../models/mutations/edit.js';

/** The versions that the others are derived from. */
const SOME = [protocolById('P0'), protocolById('6.12')];

const orders = new Map<Protocol, LockOrder>();
function orderOf(p: Protocol): LockOrder {
  let order = orders.get(p);
  if (!order) orders.set(p, (order = committedLockOrder(p)));
  return order;
}
const cyclesOf = (p: Protocol): string[] => orderOf(p).cycles.map(cycleText);

/** Who nests in whom: `outer > inner`, with how the inner one is taken. */
const pairsOf = (p: Protocol): Set<string> =>
  new Set(orderOf(p).nestings.map((n) => `${n.held.class} > ${n.taken.class} ${n.taken.mode}`));

describe('the lock order of the committed tests', () => {
  // The others' own tests have no other cycles: committed.test.ts.
  const asked = protocols.filter((p) => isThorough || SOME.includes(p));
  it.each(asked.map((p) => ({ id: p.id, p })))('of $id has the known cycles', ({ id, p }) => {
    expect(orderOf(p).nestings.length).toBeGreaterThan(10);
    expect(cyclesOf(p)).toEqual(knownCycles(id));
  });

  it('has a cycle whose chains are in different tests', () => {
    const cycle = orderOf(protocolById('P0')).cycles.find((c) => c[0]!.held.class === 'folio')!;
    expect(new Set(cycle.map((n) => n.test)).size).toBe(2);
  });

  // Documentation/virt/kvm/locking.rst, "Acquisition Orders" and "For SRCU".
  it.each([
    'kvm->lock > kvm->slots_lock exclusive',
    'vcpu->mutex > kvm->slots_lock exclusive',
    'kvm->slots_lock > kvm->srcu synchronize',
  ])('of 6.12 has what the kernel documents: %s', (pair) => {
    expect(pairsOf(protocolById('6.12'))).toContain(pair);
  });

  it.each(['kvm->lock', 'vcpu->mutex', 'kvm->slots_lock'])(
    'of 6.12 never takes %s in a read-side section, as the kernel documents',
    (lockClass) => {
      expect(pairsOf(protocolById('6.12'))).not.toContain(`kvm->srcu > ${lockClass} exclusive`);
    },
  );
});

/** 6.12 with a lock around the look-up of a private pfn. */
function aroundLookUp(id: string, locks: 'slots_lock' | 'invalidate_lock'): Protocol {
  const base = protocolById('6.12');
  const { kvm_gmem_get_pfn } = base.functions as unknown as Implementations;
  const changed = instead(kvm_gmem_get_pfn, function* (k, kvm, slot, gfn) {
    const inode = k.inodes[0]!;
    yield* locks === 'slots_lock' ? slots_lock(kvm) : filemap_invalidate_lock_shared(inode);
    const r = yield* kvm_gmem_get_pfn(k, kvm, slot, gfn);
    yield* locks === 'slots_lock' ? slots_unlock(kvm) : filemap_invalidate_unlock_shared(inode);
    return r;
  });
  return protocol(base, { id, title: id, functions: { kvm_gmem_get_pfn: changed } });
}

describe('a change to the locks of 6.12', () => {
  it('that takes slots_lock in a fault is caught: a grace period may wait for it', () => {
    const variant = aroundLookUp('slots', 'slots_lock');
    expect(cyclesOf(variant)).toContain('kvm->slots_lock -> kvm->srcu -> kvm->slots_lock');
  });

  it('that takes the invalidate_lock in a fault, which would order it with holes, is in order', () => {
    const variant = aroundLookUp('invalidate', 'invalidate_lock');
    expect(pairsOf(variant)).toContain('kvm->srcu > mapping->invalidate_lock shared');
    expect(cyclesOf(variant)).toEqual(knownCycles('6.12'));
  });
});
