import { step, test } from '../../../src/core/index.js';
import { EFAULT, ENOENT } from '../../errno.js';
import {
  KVM_MMU_LOCK,
  KVM_MMU_UNLOCK,
  folio_unlock,
  mmu_read_lock,
  mmu_read_unlock,
} from '../../flows/locks.js';
import { isInvalidCopy } from '../../flows/memslots.js';
import { RET_PF_CONTINUE, RET_PF_EMULATE, RET_PF_RETRY } from '../../flows/ret_pf.js';
import {
  gfn_to_pfn_memslot,
  is_readonly_fault,
  map,
  rememberWrite,
  snapshot_mmu_seq,
} from '../../flows/mmu.js';
import { lock, unlock } from '../../../src/core/index.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { deref } from '../../state/bugs.js';
import { NONE } from '../../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  MMU_SEQ,
  type GmemFile,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../../state/structs.js';
import {
  KVM_EXIT_MEMORY_ERROR,
  KVM_EXIT_MEM_MAP_PRIVATE,
  KVM_EXIT_MEM_MAP_SHARED,
} from '../../uapi.js';

const SERIES = 'kvm/queue patches v3, 2021-12-23';
const memfd = from('virt/kvm/memfd.c', `${SERIES}, 06/16 and 10/16`);
const mmu = from('arch/x86/kvm/mmu/mmu.c', `${SERIES}, 14/16`);

/** A page that is not allocated is not created here: that decides private or shared. */
export const kvm_memfd_get_pfn = memfd(
  function* kvm_memfd_get_pfn(k: Kernel, slot: Slot, gfn: number) {
    const pfn = yield* k.kvm_memfd_get_lock_pfn(slot, gfn);
    if (pfn >= 0) yield* folio_unlock(k.folios[pfn]!);
    return pfn;
  },
  [FOLIO_REF],
);

export const kvm_memfd_get_lock_pfn = memfd(
  function* kvm_memfd_get_lock_pfn(k: Kernel, slot: Slot, gfn: number) {
    const file = yield* step('inode of slot->file', () => deref(k, slot).gmem_file);
    if (file === NONE) return -ENOENT;
    const index = yield* step(
      'index = gfn_to_pgoff(slot, gfn)',
      () => gfn - slot.base_gfn + slot.gmem_pgoff,
    );
    return yield* k.shmem_getpage(k.inodes[file]!, index);
  },
  [FOLIO_LOCK, FOLIO_REF],
);

export const kvm_memfd_put_pfn = memfd(
  function* kvm_memfd_put_pfn(k: Kernel, pfn: number) {
    yield* k.folio_put(k.folios[pfn]!);
  },
  [FOLIO_REF],
);

/**
 * Called before each page is truncated, with its folio lock held. Unmaps, but
 * takes no part in begin and end and leaves mmu_notifier_seq alone.
 */
export const kvm_memfd_invalidate_range = memfd(function* kvm_memfd_invalidate_range(
  k: Kernel,
  file: GmemFile,
  index: number,
) {
  const gfn = yield* step('slot bound at index', () => gfnBoundAt(k, file, index));
  if (gfn === NONE) return;
  yield* KVM_MMU_LOCK(k.kvm);
  const flush = yield* k.kvm_unmap_gfn_range(k.kvm, gfn, gfn + 1);
  if (flush) yield* k.kvm_flush_remote_tlbs(k.kvm);
  yield* KVM_MMU_UNLOCK(k.kvm);
});

export function gfnBoundAt(k: Kernel, file: GmemFile, index: number): number {
  const slot = file.bindings.load(index);
  return slot === NONE ? NONE : k.slots[slot]!.base_gfn + index - k.slots[slot]!.gmem_pgoff;
}

/**
 * After fallocate: map what was allocated, on vCPU 0's behalf. As posted it is
 * called with the MMU lock held for writing and re-enters the fault path.
 */
export const kvm_map_gfn_range = mmu(function* kvm_map_gfn_range(k: Kernel, kvm: Kvm, gfn: number) {
  const vcpu = k.vcpus[0]!;
  yield* KVM_MMU_LOCK(kvm);
  yield* lock('mutex_lock_killable(&vcpu->mutex)', vcpu.mutex);
  yield* k.kvm_mmu_do_page_fault(vcpu, gfn, true, false);
  yield* unlock('mutex_unlock(&vcpu->mutex)', vcpu.mutex);
  yield* KVM_MMU_UNLOCK(kvm);
});

/** Private or shared is what the access says; the 2021 series has no attributes. */
export const kvm_mmu_page_fault = mmu(function* kvm_mmu_page_fault(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  write: boolean,
  isPrivate: boolean,
) {
  if (k.shape.slotFlags) yield* rememberWrite(vcpu, write);
  return yield* k.kvm_mmu_do_page_fault(vcpu, gfn, isPrivate, false);
});

/** The private pfn skips is_page_fault_stale(): the patch's own new condition. */
export const direct_page_fault = mmu(function* direct_page_fault(
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
  const stale = !isPrivatePfn && (yield* k.is_page_fault_stale(vcpu, slot, gfn));
  const mapped = stale ? RET_PF_RETRY : yield* map(k, vcpu, slot, gfn, pfn, isPrivate);
  yield* mmu_read_unlock(k.kvm);
  if (isPrivatePfn) yield* k.kvm_memfd_put_pfn(pfn);
  else yield* k.kvm_release_pfn_clean(pfn);
  return mapped;
});

export const kvm_faultin_pfn = mmu(
  function* kvm_faultin_pfn(k: Kernel, vcpu: Vcpu, slot: number, gfn: number, isPrivate: boolean) {
    yield* snapshot_mmu_seq(k, k.kvm);
    if (isInvalidCopy(slot)) return [RET_PF_RETRY, NONE] as const;
    if (slot === NONE) return [RET_PF_CONTINUE, NONE] as const;
    const canBePrivate = yield* test('kvm_slot_is_private(slot)', () =>
      k.slots[slot]!.can_be_private);
    const pfn = canBePrivate ? yield* k.kvm_memfd_get_pfn(k.slots[slot]!, gfn) : -EFAULT;
    if (canBePrivate && isPrivate) {
      if (pfn >= 0) return [RET_PF_CONTINUE, pfn] as const;
      return yield* memoryErrorExit(vcpu, KVM_EXIT_MEM_MAP_PRIVATE);
    }
    if (pfn >= 0) {
      yield* k.kvm_memfd_put_pfn(pfn);
      return yield* memoryErrorExit(vcpu, KVM_EXIT_MEM_MAP_SHARED);
    }
    if (k.shape.slotFlags && (yield* is_readonly_fault(vcpu, k.slots[slot]!)))
      return [RET_PF_EMULATE, NONE] as const;
    const host = yield* gfn_to_pfn_memslot(k, vcpu.kvm, k.slots[slot]!, gfn);
    return host < 0 ? ([host, NONE] as const) : ([RET_PF_CONTINUE, host] as const);
  },
  [MMU_SEQ, FOLIO_REF, FOLIO_LOCK],
);

/** KVM_EXIT_MEMORY_ERROR, asking for a conversion; the fault returns -1. */
function* memoryErrorExit(vcpu: Vcpu, type: number) {
  yield* step(
    `run->exit_reason = KVM_EXIT_MEMORY_ERROR /* ${type === KVM_EXIT_MEM_MAP_PRIVATE ? 'MAP_PRIVATE' : 'MAP_SHARED'} */`,
    () => {
      vcpu.run_exit_reason = KVM_EXIT_MEMORY_ERROR;
      vcpu.run_flags = type;
    },
  );
  return [-1, NONE] as const;
}
