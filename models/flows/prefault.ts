import { again, lock, step, test, unlock } from '../../src/core/index.js';
import { EAGAIN, EINTR, EIO, ENOENT, EOPNOTSUPP, EINVAL } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { PG_LEVEL_4K, storeGoalLevel } from '../state/leaves.js';
import { usesShadowPaging } from '../state/roots.js';
import { NO_ROOT, VALID_ROOT, type Kvm, type Vcpu } from '../state/structs.js';
import { kvm_srcu_read_lock, kvm_srcu_read_unlock } from './locks.js';
import { kvm_mem_is_private, rememberWrite } from './mmu.js';
import { RET_PF_RETRY, RET_PF_EMULATE, RET_PF_FIXED, RET_PF_SPURIOUS } from './ret_pf.js';
import { signal_pending } from './signals.js';

const mmu = from('arch/x86/kvm/mmu/mmu.c', '6.12.117');
const mmu_h = from('arch/x86/kvm/mmu.h', '6.12.117');
const kvm_main = from('virt/kvm/kvm_main.c', '6.12.117');

/**
 * KVM_PRE_FAULT_MEMORY of npages from gfn. SRCU is held over the whole range.
 * @param result what pages that were mapped and an error behind them come to
 * @returns ret, pages left, exit reason, MEMORY_FAULT flags
 */
const preFaultMemory = (result: (done: number, r: number) => number) =>
  function* kvm_vcpu_pre_fault_memory(
    k: Kernel,
    vcpu: Vcpu,
    gfn: number,
    npages: number,
    isAlias?: boolean,
  ) {
    if (npages === 0) return [-EINVAL, npages, 0, 0] as const;
    yield* lock('mutex_lock_killable(&vcpu->mutex)', vcpu.mutex);
    yield* kvm_srcu_read_lock(vcpu.kvm);
    let done = 0;
    let r = 0;
    while (done < npages) {
      r = (yield* signal_pending(k))
        ? -EINTR
        : yield* k.kvm_arch_vcpu_pre_fault_memory(vcpu, gfn + done, isAlias, npages - done);
      if (r === 0) r = -EIO;
      if (r < 0) break;
      done += r;
    }
    yield* kvm_srcu_read_unlock(vcpu.kvm);
    const exit = yield* step('run->exit_reason', () => vcpu.run_exit_reason);
    const flags = yield* step('run->memory_fault.flags', () => vcpu.run_flags);
    yield* unlock('mutex_unlock(&vcpu->mutex)', vcpu.mutex);
    return [result(done, r), npages - done, exit, flags] as const;
  };

/** As merged: an error is reported only if nothing was mapped before it. */
export const kvm_vcpu_pre_fault_memory = kvm_main(
  preFaultMemory((done, r) => (done === 0 ? r : 0)),
);
/** v2: an error is reported whatever was mapped before it. */
export const kvm_vcpu_map_memory_v2 = from(
  'virt/kvm/kvm_main.c',
  'v2 02/10 (2024-04-10)',
)(preFaultMemory((_done, r) => Math.min(r, 0)));

/** KVM_CAP_PRE_FAULT_MEMORY, asked of a VM: whichever VM that is. */
export const kvm_vm_ioctl_check_extension = from(
  'arch/x86/kvm/x86.c',
  '6.12.117',
)(function* kvm_vm_ioctl_check_extension(k: Kernel, _kvm: Kvm) {
  return yield* step('r = tdp_enabled', () => (k.shape.shadowPaging ? 0 : 1));
});

/** What one fault maps of KVM_PRE_FAULT_MEMORY: pages mapped, or a negative errno. */
export const kvm_arch_vcpu_pre_fault_memory = mmu(function* kvm_arch_vcpu_pre_fault_memory(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isAlias?: boolean,
  npages: number = 1,
) {
  if (!(yield* test('vcpu->kvm->arch.pre_fault_allowed', () => vcpu.kvm.pre_fault_allowed)))
    return -EOPNOTSUPP;
  // kvm_is_gfn_alias(), where there are such gfns (6.16).
  if (isAlias) return -EINVAL;
  yield* k.kvm_mmu_reload(vcpu);
  if (k.shape.slotFlags) yield* rememberWrite(vcpu, false);
  if (k.shape.goalLevel)
    yield* step('level = PG_LEVEL_4K', () => storeGoalLevel(k, vcpu.kvm, PG_LEVEL_4K));
  const isPrivate = yield* kvm_mem_is_private(k, vcpu.kvm, gfn);
  const r = yield* k.kvm_tdp_map_page(vcpu, gfn, isPrivate);
  return r < 0 ? r : yield* advanced(k, vcpu.kvm, gfn, npages);
});

/** min(range->size, end - range->gpa): a huge page may begin below gfn, and end behind the range. */
function* advanced(k: Kernel, kvm: Kvm, gfn: number, npages: number) {
  if (!k.shape.goalLevel) return 1;
  const { leaf } = k.shape.huge!;
  const level = yield* step('level', () => kvm.goal_level.load(k.memory.actor));
  return level === PG_LEVEL_4K ? 1 : Math.min(npages, leaf - (gfn % leaf));
}

/** Makes a root where there is none. An obsolete one is left alone until the guest is entered. */
export const kvm_mmu_reload = mmu_h(function* kvm_mmu_reload(_k: Kernel, vcpu: Vcpu) {
  yield* step('kvm_mmu_reload(vcpu)', () => {
    if (vcpu.root === NO_ROOT) vcpu.root = VALID_ROOT;
  });
});

/** Since 20a6cff3b283: KVM_REQ_MMU_FREE_OBSOLETE_ROOTS is looked at before the root is. */
export const kvm_mmu_reload_obsolete = from(
  'arch/x86/kvm/mmu.h',
  '20a6cff3b283 (2025-02-07, 4/4, and its replies)',
)(function* kvm_mmu_reload(_k: Kernel, vcpu: Vcpu) {
  yield* step('kvm_mmu_free_obsolete_roots(vcpu); kvm_mmu_reload(vcpu)', () => {
    vcpu.root = VALID_ROOT;
  });
});

/** Only there are page tables indexed by gpa. No question where nothing else can be. */
export function* faultsOnTdp(k: Kernel, vcpu: Vcpu) {
  if (k.shape.modes === undefined && !k.shape.shadowPaging) return true;
  return yield* test('vcpu->arch.mmu->page_fault == kvm_tdp_page_fault', () =>
    !usesShadowPaging(k, vcpu));
}

/** Retries inside KVM, and leaves the loop only for a signal. */
export const kvm_tdp_map_page = mmu(function* kvm_tdp_map_page(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isPrivate: boolean,
) {
  if (!(yield* faultsOnTdp(k, vcpu))) return -EOPNOTSUPP;
  if (yield* signal_pending(k)) return -EINTR;
  const r = yield* k.kvm_mmu_do_page_fault(vcpu, gfn, isPrivate, true);
  if (r === RET_PF_RETRY) return yield* again();
  if (r < 0) return r;
  if (r === RET_PF_FIXED || r === RET_PF_SPURIOUS) return 0;
  return r === RET_PF_EMULATE ? -ENOENT : -EIO;
});

/** v2 and v3: one try, and user space is told to come again. */
export const kvm_tdp_map_page_once = from(
  'arch/x86/kvm/mmu/mmu.c',
  'v2 05/10 (2024-04-10), v3 (2024-04-17)',
)(function* kvm_tdp_map_page(k: Kernel, vcpu: Vcpu, gfn: number, isPrivate: boolean) {
  if (!(yield* faultsOnTdp(k, vcpu))) return -EOPNOTSUPP;
  const r = yield* k.kvm_mmu_do_page_fault(vcpu, gfn, isPrivate, true);
  if (r < 0) return r;
  if (r === RET_PF_RETRY) return -EAGAIN;
  if (r === RET_PF_FIXED || r === RET_PF_SPURIOUS) return 0;
  return r === RET_PF_EMULATE ? -EINVAL : -EIO;
});
