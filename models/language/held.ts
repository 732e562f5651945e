import type { Lock } from '../../src/core/index.js';
import { NONE } from '../state/shape.js';
import type { Kvm } from '../state/structs.js';
import type { Observable } from './observable.js';

/** What a condition calls a lock that is held for reading, and one that is held for writing. */
export const LOCKED = { read: 1, write: 2 } as const;

function held(lock: Lock): number {
  if (lock.owner >= 0) return LOCKED.write;
  return lock.isLocked ? LOCKED.read : 0;
}

const one = (help: string, lock: (kvm: Kvm) => Lock): Observable => ({
  count: () => 1,
  read: (_k, _i, kvm) => held(lock(kvm)),
  ofVm: true,
  help,
});

/** Locks by the members that they are, and what is with the page allocator. */
export const HELD: Readonly<Record<string, Observable>> = {
  invalidate_lock: {
    count: (k) => k.inodes.length,
    read: (k, i) => held(k.inodes[i]!.invalidate_lock),
    help: 'the filemap_invalidate_lock() of gmem i: 0, read or write',
  },
  mmu_lock: one('mmu_lock[0]: 0, read or write', (kvm) => kvm.mmu_lock),
  slots_lock: one('slots_lock[0]: 0 or write', (kvm) => kvm.slots_lock),
  kvm_lock: one('kvm_lock[0], which is kvm->lock: 0 or write', (kvm) => kvm.lock),
  folio_lock: {
    count: (k) => k.shape.pages,
    read: (k, i) => {
      const folio = k.inodes[0]!.i_pages.load(i);
      return folio === NONE ? 0 : held(k.folios[folio]!.lock);
    },
    help: 'the lock of the folio at page i: 0 or write',
  },
  freed: {
    count: (k) => k.shape.gfns,
    read: (k, i, kvm) => {
      const pfn = kvm.sptes.load(i);
      const isGmem = pfn >= 0 && pfn < k.shape.folios;
      return Number(isGmem && k.folios[pfn]!.refcount.isZero);
    },
    ofVm: true,
    help: 'gfn i maps a guest_memfd page that has been freed',
  },
};
