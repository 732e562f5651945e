import { lock, step, test, unlock } from '../../../src/core/index.js';
import { EBUSY, EINTR, EINVAL, EIO } from '../../errno.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import type { Folio, Kvm, Vcpu } from '../../state/structs.js';
import { IDLE, TD_STATE_RUNNABLE, VP_INIT } from '../../state/tdx.js';
import { smp_wmb } from '../barriers.js';
import { kvm_lock_vm, kvm_unlock, slots_lock, slots_unlock } from '../locks.js';
import { signal_pending } from '../signals.js';
import { to_tdx } from './guest.js';
import {
  TDX_OPERAND_BUSY,
  TDX_SUCCESS,
  tdh_mem_page_add,
  tdh_mr_extend,
  tdh_mr_finalize,
  to_kvm_tdx,
} from './seamcalls.js';
import { isRunnable, KVM_BUG_ON } from './sept.js';

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'v6.16');

const vcpu_lock = (vcpu: Vcpu) => lock('mutex_lock_killable(&vcpu->mutex)', vcpu.mutex);
const vcpu_unlock = (vcpu: Vcpu) => unlock('mutex_unlock(&vcpu->mutex)', vcpu.mutex);

export const isInitialized = (k: Kernel, vcpu: Vcpu) =>
  test('tdx->state == VCPU_TD_STATE_INITIALIZED', () => to_tdx(k, vcpu).initialized);

/** KVM_TDX_INIT_MEM_REGION, a vCPU ioctl: one page a turn. @returns ret, pages done */
export const tdx_vcpu_init_mem_region = tdx(function* tdx_vcpu_init_mem_region(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  npages: number,
  value: number,
) {
  yield* vcpu_lock(vcpu);
  let r = -EINVAL;
  let done = 0;
  if (!(yield* isRunnable(k)) && (yield* isInitialized(k, vcpu))) {
    yield* slots_lock(k.kvm);
    if (!(yield* isRunnable(k))) [r, done] = yield* initPages(k, vcpu, gfn, npages, value);
    yield* slots_unlock(k.kvm);
  }
  yield* vcpu_unlock(vcpu);
  return [r, done] as const;
});

/** The loop over the region; slots_lock held. */
export function* initPages(k: Kernel, vcpu: Vcpu, gfn: number, npages: number, value: number) {
  yield* k.kvm_mmu_reload(vcpu);
  let done = 0;
  let r = 0;
  while (done < npages && r === 0) {
    if (yield* signal_pending(k)) r = -EINTR;
    else r = yield* populateOne(k, vcpu, gfn + done, value);
    if (r === 0) done++;
  }
  return [r, done] as const;
}

/** kvm_gmem_populate() begins by looking whether the slot has a guest_memfd. */
function* populateOne(k: Kernel, vcpu: Vcpu, gfn: number, value: number) {
  const slot = yield* k.gfn_to_memslot(k.kvm, gfn);
  if (slot === NONE) return -EINVAL;
  if (!(yield* test('kvm_slot_can_be_private(slot)', () => k.slots[slot]!.can_be_private)))
    return -EINVAL;
  const count = yield* k.kvm_gmem_populate(k.kvm, gfn, 1, value, vcpu);
  if (count < 0) return count;
  return count === 1 ? 0 : -EIO;
}

/**
 * Populate's callback: the page is mapped by way of the fault path, which fills
 * the mirror and counts the page, and then added. The invalidate_lock and
 * slots_lock are what keeps it from being zapped in between.
 */
export const tdx_gmem_post_populate = tdx(function* tdx_gmem_post_populate(
  k: Kernel,
  _kvm: Kvm,
  gfn: number,
  folio: Folio,
  value: number,
  vcpu?: Vcpu,
) {
  if (k.shape.mmapWriters) yield* k.read_source();
  const mapped = yield* k.kvm_tdp_map_page(vcpu!, gfn, true);
  if (mapped < 0) return mapped;
  const err = yield* tdh_mem_page_add(k, gfn, k.folios.indexOf(folio), value);
  if (err !== TDX_SUCCESS) return err === TDX_OPERAND_BUSY ? -EBUSY : -EIO;
  const counted = yield* test('atomic64_dec(&kvm_tdx->nr_premapped)', () => {
    if (to_kvm_tdx(k).nr_premapped === 0) return false;
    to_kvm_tdx(k).nr_premapped--;
    return true;
  });
  if (!counted) yield* KVM_BUG_ON(k, '!atomic64_read(&kvm_tdx->nr_premapped)');
  return (yield* tdh_mr_extend(k, gfn)) === TDX_SUCCESS ? 0 : -EIO;
});

/** KVM_TDX_FINALIZE_VM */
export const tdx_vm_ioctl = tdx(function* tdx_vm_ioctl(k: Kernel, kvm: Kvm) {
  yield* kvm_lock_vm(kvm);
  yield* slots_lock(kvm);
  const r = yield* k.tdx_td_finalize(kvm);
  yield* slots_unlock(kvm);
  yield* kvm_unlock(kvm);
  return r;
});

export const tdx_td_finalize = tdx(function* tdx_td_finalize(k: Kernel, kvm: Kvm) {
  if (yield* isRunnable(k)) return -EINVAL;
  if (yield* test('nr_premapped != 0', () => to_kvm_tdx(k).nr_premapped > 0)) return -EINVAL;
  return yield* finalize(k, kvm);
});

/** The state is set before pre-faults are let in; smp_wmb() keeps the order. */
export function* finalize(k: Kernel, kvm: Kvm) {
  if ((yield* tdh_mr_finalize(k)) === TDX_OPERAND_BUSY) return -EBUSY;
  const runnable = () =>
    step('kvm_tdx->state = TD_STATE_RUNNABLE; smp_wmb()', () => {
      to_kvm_tdx(k).state = TD_STATE_RUNNABLE;
    });
  const allow = () =>
    step('kvm->arch.pre_fault_allowed = true', () => void (kvm.pre_fault_allowed = true));
  yield* smp_wmb(k, runnable, allow);
  return 0;
}

/** KVM_TDX_INIT_VCPU: vcpu->mutex is all that is held. */
export const tdx_vcpu_init = tdx(function* tdx_vcpu_init(k: Kernel, vcpu: Vcpu) {
  yield* vcpu_lock(vcpu);
  const r =
    (yield* isRunnable(k)) || (yield* isInitialized(k, vcpu))
      ? -EINVAL
      : yield* k.tdx_td_vcpu_init(vcpu);
  yield* vcpu_unlock(vcpu);
  return r;
});

export const tdx_td_vcpu_init = tdx(function* tdx_td_vcpu_init(k: Kernel, vcpu: Vcpu) {
  yield* tdh_vp_init(k, vcpu);
  return 0;
});

/** TDH.VP.INIT holds the TD's root exclusively, for as long as it takes: two steps. */
export function* tdh_vp_init(k: Kernel, vcpu: Vcpu) {
  yield* step('TDH.VP.INIT: takes the TDR', () => {
    to_tdx(k, vcpu).in_module = VP_INIT;
  });
  yield* step('TDH.VP.INIT: gives up the TDR', () => {
    to_tdx(k, vcpu).in_module = IDLE;
    to_tdx(k, vcpu).initialized = true;
  });
}
