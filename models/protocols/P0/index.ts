import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import type { Kernel } from '../../kernel.js';
import { RET_PF_CONTINUE, RET_PF_RETRY } from '../../flows/ret_pf.js';
import { mmu_read_lock, mmu_read_unlock, folio_unlock } from '../../flows/locks.js';
import { FOLIO_LOCK, FOLIO_REF, type GmemFile, type Vcpu } from '../../state/structs.js';
import { map } from '../../flows/mmu.js';
import { kvm, mm } from '../common.js';
import * as memfd from './memfd.js';
import * as shmem from './shmem.js';
import { kvm_gmem_create } from '../../flows/gmem.js';

const SERIES = 'kvm/queue patches v3, 2021-12-23';

/**
 * The patch of 2021 at its word: kvm_memfd_get_pfn() returns a pfn with a
 * reference, private pfns skip the stale check, kvm_memfd_put_pfn() drops the
 * reference after the MMU lock. What else the series did is in P0s.
 */
export const P0 = protocol(undefined, {
  id: 'P0',
  title: 'memfd v3 14/16 (2021) as the patch reads: a reference, no stale check',
  kinds: ['sw'],
  readonlyGmem: true,
  lacks: [
    'memory_failure',
    'KVM_SET_MEMORY_ATTRIBUTES',
    'KVM_PRE_FAULT_MEMORY',
    'KVM_SEV_SNP_LAUNCH_UPDATE',
    'KVM_SEV_SNP_LAUNCH_FINISH',
    'KVM_SET_USER_MEMORY_REGION2',
    'close',
  ],
  functions: {
    ...mm,
    ...kvm,
    kvm_gmem_create,
    kvm_memfd_get_pfn: memfd.kvm_memfd_get_pfn,
    kvm_memfd_get_lock_pfn: memfd.kvm_memfd_get_lock_pfn,
    kvm_memfd_put_pfn: memfd.kvm_memfd_put_pfn,
    kvm_memfd_invalidate_range: memfd.kvm_memfd_invalidate_range,
    kvm_map_gfn_range: memfd.kvm_map_gfn_range,
    kvm_mmu_page_fault: memfd.kvm_mmu_page_fault,
    kvm_tdp_mmu_page_fault: memfd.direct_page_fault,
    kvm_faultin_pfn: memfd.kvm_faultin_pfn,
    shmem_getpage: shmem.shmem_getpage,
    shmem_undo_range: shmem.shmem_undo_range,
    shmem_undo_page: shmem.shmem_undo_page,
    shmem_undo_rest: shmem.shmem_undo_rest,
    vfs_fallocate: from(
      'mm/shmem.c',
      SERIES,
    )(function* vfs_fallocate(
      k: Kernel,
      file: GmemFile,
      mode: number,
      offset: number,
      len: number,
    ) {
      return yield* k.shmem_fallocate(k.inodes[k.files.indexOf(file)]!, mode, offset, len);
    }),
    shmem_fallocate: shmem.shmem_fallocate,
    shmem_fallocate_locked: shmem.shmem_fallocate_locked,
    free_folio: from('mm/shmem.c', SERIES)(function* free_folio() {}),
  },
});

/** P0 with is_page_fault_stale() put back for private pfns, and nothing else. */
export const P0stale = protocol(P0, {
  id: 'P0+stale',
  title: 'P0 with the stale check put back for private pfns',
  functions: {
    kvm_tdp_mmu_page_fault: from(
      'arch/x86/kvm/mmu/mmu.c',
      'what-if on P0',
    )(function* direct_page_fault(
      k: Kernel,
      vcpu: Vcpu,
      slot: number,
      gfn: number,
      isPrivate: boolean,
    ) {
      const [r, pfn] = yield* k.kvm_faultin_pfn(vcpu, slot, gfn, isPrivate, false);
      if (r !== RET_PF_CONTINUE) return r;
      const isPrivatePfn = pfn >= 0 && pfn < k.shape.folios;
      yield* mmu_read_lock(k.kvm);
      const stale = yield* k.is_page_fault_stale(vcpu, slot, gfn);
      const mapped = stale ? RET_PF_RETRY : yield* map(k, vcpu, slot, gfn, pfn, isPrivate);
      yield* mmu_read_unlock(k.kvm);
      if (isPrivatePfn) yield* k.kvm_memfd_put_pfn(pfn);
      else yield* k.kvm_release_pfn_clean(pfn);
      return mapped;
    }),
  },
});

/**
 * The series as posted: get_lock_pfn and put_unlock_pfn keep the page locked
 * from the look-up to behind the map, and the hole notifies under the same lock.
 */
export const P0s = protocol(P0, {
  id: 'P0s',
  title: 'memfd v3 (2021) as the whole series posts it: the page stays locked',
  functions: {
    kvm_memfd_get_pfn: memfd.kvm_memfd_get_lock_pfn,
    kvm_memfd_put_pfn: from('virt/kvm/memfd.c', `${SERIES}, 06/16`)(
      function* kvm_memfd_put_pfn(k: Kernel, pfn: number) {
        yield* folio_unlock(k.folios[pfn]!);
        yield* k.folio_put(k.folios[pfn]!);
      },
      [FOLIO_LOCK, FOLIO_REF],
    ),
  },
});
