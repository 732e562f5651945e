import { step, test } from '../../src/core/index.js';
import { EAGAIN, EFAULT } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { runningSptep } from '../state/roots.js';
import { isGmemOnly, isReadonly } from '../state/flags.js';
import { hvaOf } from '../state/hva.js';
import { NONE, MMIO, MMIO_OLD } from '../state/shape.js';
import {
  FOLIO_REF,
  MMU_SEQ,
  OBSOLETE_ROOT,
  VCPU_STATS,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../state/structs.js';
import { gfnOfVm } from '../state/vms.js';
import { KVM_EXIT_MEMORY_FAULT, KVM_MEMORY_EXIT_FLAG_PRIVATE } from '../uapi.js';
import { smp_rmb } from './barriers.js';
import { put_page } from './host_memory.js';
import { mmu_read_lock, mmu_read_unlock } from './locks.js';
import { isInvalidCopy, kvm_vcpu_gfn_to_memslot } from './memslots.js';
import { forgetOlderFault } from './provenance.js';
import {
  RET_PF_CONTINUE,
  RET_PF_RETRY,
  RET_PF_EMULATE,
  RET_PF_FIXED,
  RET_PF_INVALID,
  RET_PF_SPURIOUS,
  KVM_PFN_NOSLOT,
} from './ret_pf.js';

const mmu = from('arch/x86/kvm/mmu/mmu.c', '6.12.117');
const kvm_host = from('include/linux/kvm_host.h', '6.12.117');

/** The lock-free look-up of a gfn's attribute, or what stands in its place. */
export function* kvm_mem_is_private(k: Kernel, kvm: Kvm, gfn: number) {
  if (k.shape.inodeAttributes) return yield* k.kvm_gmem_is_private_gfn(kvm, gfn);
  return yield* test('kvm_mem_is_private()', () => kvm.mem_attr_array.load(gfn) === 1);
}

/** A fault's snapshot of mmu_invalidate_seq; smp_rmb() keeps it first. */
export const snapshot_mmu_seq = (k: Kernel, kvm: Kvm) =>
  step(
    'mmu_seq = kvm->mmu_invalidate_seq; smp_rmb()',
    () => {
      kvm.mmu_invalidate_seq.snapshot();
      forgetOlderFault(k);
    },
    { acquires: [kvm.mmu_invalidate_seq.resource()] },
  );

/**
 * SNP is told by the fault whether an access is private; sw asks the attribute,
 * but not where the guest met an MMIO SPTE: that is taken for a shared access
 * whatever the attribute says by now.
 */
export const kvm_mmu_page_fault = mmu(function* kvm_mmu_page_fault(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  write: boolean,
  isPrivate: boolean,
  rsvd = false,
) {
  if (rsvd) {
    if (k.shape.slotFlags) yield* rememberWrite(vcpu, write);
    const r = yield* k.handle_mmio_page_fault(vcpu.kvm, gfn);
    if (r !== RET_PF_INVALID) return r;
    return yield* take(k, vcpu, gfn, false);
  }
  if (k.shape.slotFlags) yield* rememberWrite(vcpu, write);
  const asked = k.shape.memory === 'sw' ? yield* kvm_mem_is_private(k, vcpu.kvm, gfn) : isPrivate;
  return yield* take(k, vcpu, gfn, asked);
});

/** A fault that is more than an access to MMIO; counted where vCPUs count. */
function* take(k: Kernel, vcpu: Vcpu, gfn: number, isPrivate: boolean) {
  if (k.shape.vcpuStats) yield* count(vcpu, 'pf_taken');
  const r = yield* k.kvm_mmu_do_page_fault(vcpu, gfn, isPrivate, false);
  if (k.shape.vcpuStats && r === RET_PF_FIXED) yield* count(vcpu, 'pf_fixed');
  if (k.shape.vcpuStats && r === RET_PF_SPURIOUS) yield* count(vcpu, 'pf_spurious');
  return r;
}

const count = (vcpu: Vcpu, what: keyof typeof VCPU_STATS) =>
  step(`vcpu->stat.${what}++`, () =>
    vcpu.stat.store(VCPU_STATS[what], vcpu.stat.load(VCPU_STATS[what]) + 1),
  );

/**
 * An MMIO SPTE of the present generation still stands for "no slot". Reading it
 * and comparing its generation are one step: when a slot changes in between,
 * the fault is handled anew, as it is when the slot changes before both. The
 * vCPU's own cache of its last MMIO gfn has nothing to add while SPTEs of the
 * present generation stay, so it is left out.
 */
export const handle_mmio_page_fault = mmu(function* handle_mmio_page_fault(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  return yield* step('is_mmio_spte(); check_mmio_spte()', () => {
    const spte = kvm.sptes.load(runningSptep(k, gfn));
    if (spte === MMIO) return RET_PF_EMULATE;
    return spte === MMIO_OLD ? RET_PF_INVALID : RET_PF_RETRY;
  });
});

export const kvm_mmu_do_page_fault = mmu(function* kvm_mmu_do_page_fault(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isPrivate: boolean,
  prefetch: boolean,
) {
  const slot = yield* kvm_vcpu_gfn_to_memslot(k, vcpu, gfn);
  const r = yield* k.kvm_tdp_mmu_page_fault(vcpu, slot, gfn, isPrivate, prefetch);
  if (r !== RET_PF_EMULATE || !isPrivate) return r;
  yield* k.kvm_mmu_prepare_memory_fault_exit(vcpu, isPrivate);
  return -EFAULT;
});

/** With fault->map_writable, which is true where no slot has flags. */
export function* map(
  k: Kernel,
  { kvm }: Vcpu,
  slot: number,
  gfn: number,
  pfn: number,
  isPrivate: boolean,
) {
  if (!k.shape.slotFlags || slot === NONE)
    return yield* k.kvm_tdp_mmu_map(kvm, gfn, pfn, isPrivate);
  const writable = yield* test('fault->map_writable', () => !isReadonly(k.slots[slot]!));
  return yield* k.kvm_tdp_mmu_map(kvm, gfn, pfn, isPrivate, writable);
}

/** @param unlocksFirst is mmu_lock dropped before the page is given back? */
const pageFault = (unlocksFirst: boolean) =>
  function* kvm_tdp_mmu_page_fault(
    k: Kernel,
    vcpu: Vcpu,
    slot: number,
    gfn: number,
    isPrivate: boolean,
    prefetch: boolean,
  ) {
    const [r, pfn] = yield* k.kvm_faultin_pfn(vcpu, slot, gfn, isPrivate, prefetch);
    if (r !== RET_PF_CONTINUE) return r;
    yield* mmu_read_lock(vcpu.kvm);
    const stale = yield* k.is_page_fault_stale(vcpu, slot, gfn);
    const mapped = stale ? RET_PF_RETRY : yield* map(k, vcpu, slot, gfn, pfn, isPrivate);
    if (unlocksFirst) yield* mmu_read_unlock(vcpu.kvm);
    yield* k.kvm_release_pfn_clean(pfn);
    if (!unlocksFirst) yield* mmu_read_unlock(vcpu.kvm);
    return mapped;
  };
export const kvm_tdp_mmu_page_fault = mmu(pageFault(true));
/** Since 6.13 kvm_mmu_finish_page_fault() gives the page back before mmu_lock is dropped. */
export const kvm_tdp_mmu_page_fault_finish = mmu(pageFault(false));

/**
 * The order of checks since 6.10-rc3: attribute, slot, lockless retry, pfn, again.
 * @param dying what a pre-fault is told of a slot that is being deleted
 */
const faultinPfn = (dying: number) =>
  function* kvm_faultin_pfn(
    k: Kernel,
    vcpu: Vcpu,
    slot: number,
    gfn: number,
    isPrivate: boolean,
    prefetch: boolean,
  ) {
    const snapshot = () => snapshot_mmu_seq(k, vcpu.kvm);
    if ((yield* smp_rmb(k, snapshot, () => kvm_mem_is_private(k, vcpu.kvm, gfn))) !== isPrivate) {
      yield* k.kvm_mmu_prepare_memory_fault_exit(vcpu, isPrivate);
      return [-EFAULT, NONE] as const;
    }
    if (slot === NONE) return yield* kvm_handle_noslot_fault(k, vcpu, isPrivate);
    if (isInvalidCopy(slot)) return [prefetch ? dying : RET_PF_RETRY, NONE] as const;
    if (yield* k.mmu_invalidate_retry_gfn_unsafe(vcpu.kvm, gfn))
      return [RET_PF_RETRY, NONE] as const;
    const [r, pfn] = yield* __kvm_faultin_pfn(k, vcpu, slot, gfn, isPrivate);
    if (r !== RET_PF_CONTINUE) return [r, NONE] as const;
    if (yield* k.mmu_invalidate_retry_gfn_unsafe(vcpu.kvm, gfn)) {
      yield* k.kvm_release_pfn_clean(pfn);
      return [RET_PF_RETRY, NONE] as const;
    }
    return [RET_PF_CONTINUE, pfn] as const;
  };
export const kvm_faultin_pfn = mmu(faultinPfn(RET_PF_RETRY), [MMU_SEQ, FOLIO_REF]);
/** Since 3ccbf6f47098 (6.18): a pre-fault must not wait for what waits for its SRCU section. */
export const kvm_faultin_pfn_eagain = mmu(faultinPfn(-EAGAIN), [MMU_SEQ, FOLIO_REF]);

export function* kvm_handle_noslot_fault(k: Kernel, vcpu: Vcpu, isPrivate: boolean) {
  if (!isPrivate) return [RET_PF_CONTINUE, KVM_PFN_NOSLOT] as const;
  yield* k.kvm_mmu_prepare_memory_fault_exit(vcpu, isPrivate);
  return [-EFAULT, NONE] as const;
}

export function* __kvm_faultin_pfn(
  k: Kernel,
  vcpu: Vcpu,
  slot: number,
  gfn: number,
  isPrivate: boolean,
) {
  const isFromGmem = isPrivate || (k.shape.gmemOnly && (yield* is_gmem_only(k.slots[slot]!)));
  if (isFromGmem) return yield* k.kvm_faultin_pfn_private(vcpu, k.slots[slot]!, gfn, isPrivate);
  if (k.shape.slotFlags && (yield* is_readonly_fault(vcpu, k.slots[slot]!)))
    return [RET_PF_EMULATE, NONE] as const;
  const pfn = yield* gfn_to_pfn_memslot(k, vcpu.kvm, k.slots[slot]!, gfn);
  return pfn < 0 ? ([pfn, NONE] as const) : ([RET_PF_CONTINUE, pfn] as const);
}

/** The page behind userspace_addr: where none of them ever goes, one step has it. */
export function* gfn_to_pfn_memslot(k: Kernel, kvm: Kvm, slot: Slot, gfn: number) {
  if (k.shape.hostUnmaps) return yield* k.__gfn_to_pfn_memslot(slot, gfn);
  return yield* step(
    'pfn = __gfn_to_pfn_memslot()',
    () => k.shape.folios + gfnOfVm(k, kvm, hvaOf(k, slot, gfn)),
  );
}

/** Of a fault: whether it writes. A pre-fault only reads. */
export const rememberWrite = (vcpu: Vcpu, write: boolean) =>
  step('fault.write', () => vcpu.fault_write.store(0, write ? 1 : 0));

/** KVM_PFN_ERR_RO_FAULT, for which kvm_handle_error_pfn() has the write emulated. */
export const is_readonly_fault = (vcpu: Vcpu, slot: Slot) =>
  test('memslot_is_readonly(slot) && fault->write', () =>
    isReadonly(slot) && vcpu.fault_write.load(0) === 1);

/** KVM_MEMSLOT_GMEM_ONLY: every slot of a guest_memfd that can be mapped. */
const is_gmem_only = (slot: Slot) => test('kvm_memslot_is_gmem_only(slot)', () => isGmemOnly(slot));

export const kvm_faultin_pfn_private = mmu(
  function* kvm_faultin_pfn_private(
    k: Kernel,
    vcpu: Vcpu,
    slot: Slot,
    gfn: number,
    isPrivate: boolean,
  ) {
    const can = yield* test('kvm_slot_can_be_private(slot)', () => slot.can_be_private);
    const r = can ? yield* k.kvm_gmem_get_pfn(vcpu.kvm, slot, gfn) : -EFAULT;
    if (r >= 0) return [RET_PF_CONTINUE, r] as const;
    yield* k.kvm_mmu_prepare_memory_fault_exit(vcpu, isPrivate);
    return [r, NONE] as const;
  },
  [FOLIO_REF],
);

/** struct kvm_run belongs to the thread that runs the vCPU. */
export const kvm_mmu_prepare_memory_fault_exit = kvm_host(
  function* kvm_mmu_prepare_memory_fault_exit(_k: Kernel, vcpu: Vcpu, isPrivate: boolean) {
    yield* step('run->exit_reason = KVM_EXIT_MEMORY_FAULT', () => {
      vcpu.run_exit_reason = KVM_EXIT_MEMORY_FAULT;
      vcpu.run_flags = isPrivate ? KVM_MEMORY_EXIT_FLAG_PRIVATE : 0;
    });
  },
);

/** A slotless fault is only checked for its root: nothing watches its gfn. */
export const is_page_fault_stale = mmu(function* is_page_fault_stale(
  k: Kernel,
  vcpu: Vcpu,
  slot: number,
  gfn: number,
) {
  if (yield* test('is_obsolete_root()', () => vcpu.root === OBSOLETE_ROOT)) return true;
  if (slot === NONE) return false;
  return yield* k.mmu_invalidate_retry_gfn(vcpu.kvm, gfn);
});

/** Gives back the reference that the look-up took; host pages have one where they may go. */
export const kvm_release_pfn_clean = from('virt/kvm/kvm_main.c', '6.12.117')(
  function* kvm_release_pfn_clean(k: Kernel, pfn: number) {
    if (pfn >= 0 && pfn < k.shape.folios) yield* k.folio_put(k.folios[pfn]!);
    else if (pfn >= 0 && k.shape.hostUnmaps) yield* put_page(k.pages[pfn - k.shape.folios]!);
  },
  [FOLIO_REF],
);
