import { again, step, test } from '../../../src/core/index.js';
import { EBUSY, EINTR, EINVAL, EIO } from '../../errno.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import type { Folio, Kvm, Vcpu } from '../../state/structs.js';
import {
  KVM_MMU_LOCK,
  KVM_MMU_UNLOCK,
  kvm_lock_vm,
  kvm_unlock,
  mmu_read_lock,
  mmu_read_unlock,
  slots_lock,
  slots_unlock,
} from '../locks.js';
import { RET_PF_FIXED, RET_PF_RETRY } from '../ret_pf.js';
import { signal_pending } from '../signals.js';
import { finalize, initPages, isInitialized, tdh_vp_init } from './init.js';
import {
  TDX_OPERAND_BUSY,
  TDX_SUCCESS,
  tdh_mem_page_add,
  tdh_mem_page_remove,
  tdh_mem_range_block,
  tdh_mr_extend,
  to_kvm_tdx,
} from './seamcalls.js';
import { isRunnable, isRunnableBehindRmb, KVM_BUG_ON, withoutVcpus } from './sept.js';
import { isVmDead } from './vcpu.js';

const SERIES = 'v6.19 ("KVM: x86/mmu: TDX post-populate cleanups", 2025-10)';
const tdx = from('arch/x86/kvm/vmx/tdx.c', SERIES);
const mmu = from('arch/x86/kvm/mmu/mmu.c', SERIES);

/** The S-EPT trusts guest_memfd: no reference of its own. A page is added where it is mapped. */
export const tdx_sept_set_private_spte = tdx(function* tdx_sept_set_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
) {
  return (yield* isRunnableBehindRmb(k))
    ? yield* k.tdx_mem_page_aug(gfn, pfn)
    : yield* k.tdx_mem_page_add(kvm, gfn, pfn);
});

/** page_add_src belongs to whoever holds slots_lock. */
export const tdx_mem_page_add = tdx(function* tdx_mem_page_add(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
) {
  const source = yield* step('kvm_tdx->page_add_src', () => to_kvm_tdx(k).page_add_src);
  const early = !(yield* test('kvm->arch.pre_fault_allowed', () => kvm.pre_fault_allowed));
  if (!early || source === NONE) {
    yield* KVM_BUG_ON(k, early ? '!kvm_tdx->page_add_src' : 'kvm->arch.pre_fault_allowed');
    return -EIO;
  }
  const err = yield* tdh_mem_page_add(k, gfn, pfn, source);
  if (err === TDX_OPERAND_BUSY) return -EBUSY;
  if (err === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_ADD failed');
  return -EIO;
});

/** Nothing is returned: whoever unmaps cannot fail, and the VM is dead if this does. */
export const tdx_sept_remove_private_spte = tdx(function* tdx_sept_remove_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  _pfn: number,
) {
  if ((yield* withoutVcpus(k, () => tdh_mem_range_block(k, gfn))) !== TDX_SUCCESS) {
    yield* KVM_BUG_ON(k, 'TDH_MEM_RANGE_BLOCK failed');
    return 0;
  }
  yield* k.tdx_track(kvm);
  if ((yield* withoutVcpus(k, () => tdh_mem_page_remove(k, gfn))) !== TDX_SUCCESS)
    yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_REMOVE failed');
  return 0;
});

export const tdx_gmem_post_populate = tdx(function* tdx_gmem_post_populate(
  k: Kernel,
  _kvm: Kvm,
  gfn: number,
  folio: Folio,
  value: number,
  vcpu?: Vcpu,
) {
  if (k.shape.mmapWriters) yield* k.read_source();
  yield* step('kvm_tdx->page_add_src = src_page', () => {
    to_kvm_tdx(k).page_add_src = value;
  });
  const r = yield* k.kvm_tdp_mmu_map_private_pfn(vcpu!, gfn, k.folios.indexOf(folio));
  yield* step('kvm_tdx->page_add_src = NULL', () => {
    to_kvm_tdx(k).page_add_src = NONE;
  });
  if (r !== 0) return r;
  if ((yield* tdh_mr_extend(k, gfn)) === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MR_EXTEND failed');
  return -EIO;
});

/** The pfn is given, so that neither guest_memfd nor is_page_fault_stale() is asked again. */
export const kvm_tdp_mmu_map_private_pfn = mmu(function* kvm_tdp_mmu_map_private_pfn(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  pfn: number,
) {
  yield* k.kvm_mmu_reload(vcpu);
  if (yield* signal_pending(k)) return -EINTR;
  if (yield* isVmDead(k)) return -EIO;
  yield* mmu_read_lock(k.kvm);
  const r = yield* k.kvm_tdp_mmu_map(k.kvm, gfn, pfn, true);
  yield* mmu_read_unlock(k.kvm);
  if (r === RET_PF_RETRY) return yield* again();
  return r === RET_PF_FIXED ? 0 : -EIO;
});

/**
 * tdx_vm_state_guard: kvm->lock, every vCPU's mutex, slots_lock, in this order.
 * The mutexes are one step: whoever holds one takes no other, nor kvm->lock, so
 * that to wait with some of them is to wait with none.
 */
function* tdx_acquire_vm_state_locks(k: Kernel) {
  yield* kvm_lock_vm(k.kvm);
  yield* step(
    'kvm_lock_all_vcpus(kvm)',
    () => {
      for (const { mutex } of k.vcpus) mutex.owner = k.memory.actor;
    },
    {
      when: () => k.vcpus.every(({ mutex }) => !mutex.isLocked),
      acquires: k.vcpus.map(({ mutex }) => mutex.resource('exclusive')),
    },
  );
  yield* slots_lock(k.kvm);
}

function* tdx_release_vm_state_locks(k: Kernel) {
  yield* slots_unlock(k.kvm);
  yield* step(
    'kvm_unlock_all_vcpus(kvm)',
    () => {
      for (const { mutex } of k.vcpus) mutex.owner = -1;
    },
    { releases: k.vcpus.map(({ mutex }) => mutex.resource('exclusive')) },
  );
  yield* kvm_unlock(k.kvm);
}

export const tdx_vm_ioctl = tdx(function* tdx_vm_ioctl(k: Kernel, kvm: Kvm) {
  yield* tdx_acquire_vm_state_locks(k);
  const r = yield* k.tdx_td_finalize(kvm);
  yield* tdx_release_vm_state_locks(k);
  return r;
});

/** Mirror and S-EPT agree by now, so there is nothing to count. */
export const tdx_td_finalize = tdx(function* tdx_td_finalize(k: Kernel, kvm: Kvm) {
  return (yield* isRunnable(k)) ? -EINVAL : yield* finalize(k, kvm);
});

/** tdx_vcpu_unlocked_ioctl(): the vCPU's own mutex is one of all. */
export const tdx_vcpu_init_mem_region = tdx(function* tdx_vcpu_init_mem_region(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  npages: number,
  value: number,
) {
  yield* tdx_acquire_vm_state_locks(k);
  let r = -EINVAL;
  let done = 0;
  if (!(yield* isRunnable(k)) && (yield* isInitialized(k, vcpu)))
    [r, done] = yield* initPages(k, vcpu, gfn, npages, value);
  yield* tdx_release_vm_state_locks(k);
  return [r, done] as const;
});

export const tdx_vcpu_init = tdx(function* tdx_vcpu_init(k: Kernel, vcpu: Vcpu) {
  yield* tdx_acquire_vm_state_locks(k);
  const refused = (yield* isRunnable(k)) || (yield* isInitialized(k, vcpu));
  const r = refused ? -EINVAL : yield* k.tdx_td_vcpu_init(vcpu);
  yield* tdx_release_vm_state_locks(k);
  return r;
});

/** mmu_lock keeps those off who zap and must not find the TDR taken. */
export const tdx_td_vcpu_init = tdx(function* tdx_td_vcpu_init(k: Kernel, vcpu: Vcpu) {
  yield* KVM_MMU_LOCK(k.kvm);
  yield* tdh_vp_init(k, vcpu);
  yield* KVM_MMU_UNLOCK(k.kvm);
  return 0;
});
