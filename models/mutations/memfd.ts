import { folio_unlock } from '../flows/locks.js';
import { mapAt } from '../flows/thp_map.js';
import { levelOf } from '../protocols/P0/levels.js';
import { answered, instead, later, without } from './edit.js';
import { by, MMU_READ_LOCK, type Mutation } from './mutation.js';

/** The series of 2021. */
export const memfd: readonly Mutation[] = [
  {
    id: 'private-slot-not-known',
    base: 'P0',
    why: 'kvm_faultin_pfn() takes every slot for one without a memfd',
    change: (f) => ({
      kvm_faultin_pfn: answered(f.kvm_faultin_pfn, 'kvm_slot_is_private(slot)', 0),
    }),
    caught: by('condition', 'p0-private'),
  },
  {
    id: 'page-unlocked-before-map',
    base: 'P0s',
    why: 'kvm_memfd_get_pfn() returns the page with a reference, but unlocked',
    change: (f) => ({
      kvm_memfd_get_pfn: instead(f.kvm_memfd_get_pfn, function* (k, slot, gfn) {
        const pfn = yield* k.kvm_memfd_get_lock_pfn(slot, gfn);
        if (pfn >= 0) yield* folio_unlock(k.folios[pfn]!);
        return pfn;
      }),
      kvm_memfd_put_pfn: instead(f.kvm_memfd_put_pfn, function* (k, pfn) {
        yield* k.folio_put(k.folios[pfn]!);
      }),
    }),
    caught: by('S1', 'p0-fault-vs-punch'),
  },
  {
    id: 'page-unlocked-and-freed',
    base: 'P0s',
    why: 'the same, seen from the allocator',
    change: (f) => ({
      kvm_memfd_get_pfn: instead(f.kvm_memfd_get_pfn, function* (k, slot, gfn) {
        const pfn = yield* k.kvm_memfd_get_lock_pfn(slot, gfn);
        if (pfn >= 0) yield* folio_unlock(k.folios[pfn]!);
        return pfn;
      }),
      kvm_memfd_put_pfn: instead(f.kvm_memfd_put_pfn, function* (k, pfn) {
        yield* k.folio_put(k.folios[pfn]!);
      }),
    }),
    caught: by('S9', 'p0-freed-page-mapped'),
  },
  {
    id: 'hole-not-notified',
    base: 'P0s',
    why: 'shmem_undo_range() does not tell KVM of the pages that go',
    change: (f) => ({
      shmem_undo_page: without(f.shmem_undo_page, ['kvm_memfd_invalidate_range']),
    }),
    caught: by('S1', 'p0-fault-vs-punch'),
  },
  {
    id: 'hole-notified-after-truncation',
    base: 'P0s',
    why: 'KVM is told of a page when it has left the page cache',
    change: (f) => ({ shmem_undo_page: later(f.shmem_undo_page, 'kvm_memfd_invalidate_range') }),
    caught: by('S1', 'p0-fault-vs-punch'),
  },
  {
    id: 'truncated-page-taken',
    base: 'P0s',
    why: 'shmem_getpage() does not look whether the page it waited for was truncated',
    change: (f) => ({ shmem_getpage: answered(f.shmem_getpage, 'folio_lock(folio)', 1) }),
    caught: by('S1', 'p0-fault-vs-punch'),
  },
  {
    id: 'order-not-asked',
    base: 'P0s+2M',
    why: 'kvm_faultin_pfn_private() leaves fault->max_level as it is for pages of order 0',
    change: (f) => ({
      kvm_tdp_mmu_map: instead(f.kvm_tdp_mmu_map, mapAt(levelOf(() => false))),
    }),
    caught: by('S1', 'p0-level-small'),
  },
  {
    id: 'map-under-page-lock-only',
    base: 'P0s',
    why: 'the fault maps without mmu_lock',
    change: (f) => ({ kvm_tdp_mmu_page_fault: without(f.kvm_tdp_mmu_page_fault, MMU_READ_LOCK) }),
    // What unmaps a memfd page holds its lock, as the fault does; the MMU notifier does not.
    caught: by('S20', 'hva-fault-vs-dontneed'),
    only: [],
  },
];
