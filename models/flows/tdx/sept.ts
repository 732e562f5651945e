import { choose, step, test, type Flow } from '../../../src/core/index.js';
import { EBUSY, EINVAL, EIO } from '../../errno.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { hit } from '../../state/bugs.js';
import { NONE } from '../../state/shape.js';
import type { Folio, Kvm } from '../../state/structs.js';
import { OUTSIDE_GUEST_MODE, SEPT_FREE, TD_STATE_RUNNABLE } from '../../state/tdx.js';
import { dropFolio } from '../locks.js';
import {
  TDX_OPERAND_BUSY,
  TDX_STATE_INCORRECT,
  TDX_SUCCESS,
  tdh_mem_page_aug,
  tdh_mem_page_remove,
  tdh_mem_range_block,
  tdh_mem_track,
  to_kvm_tdx,
} from './seamcalls.js';

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'v6.16');

/** KVM_BUG_ON() that has come true: the VM is dead, its vCPUs will see it. */
export const KVM_BUG_ON = (k: Kernel, what: string): Flow =>
  step(`KVM_BUG_ON(${what})`, () => {
    hit(k, 'vmBugged');
    to_kvm_tdx(k).vm_dead = true;
  });

export const isRunnable = (k: Kernel): Flow<boolean> =>
  test('kvm_tdx->state == TD_STATE_RUNNABLE', () => to_kvm_tdx(k).state === TD_STATE_RUNNABLE);

/** kvm_tdx->state as the S-EPT's map hook loads it, behind smp_rmb(). */
export function* isRunnableBehindRmb(k: Kernel): Flow<boolean> {
  if (k.shape.without !== 'smp_rmb') return yield* isRunnable(k);
  const { early_state } = to_kvm_tdx(k);
  const early = yield* step('kvm_tdx->state, loaded early?', () => {
    const was = early_state.load(k.memory.actor);
    early_state.store(k.memory.actor, NONE);
    return was;
  });
  return early === NONE ? yield* isRunnable(k) : early === TD_STATE_RUNNABLE;
}

/** Without smp_rmb() the state may be loaded before pre_fault_allowed is. */
export function* loadStateEarly(k: Kernel) {
  if (k.shape.without !== 'smp_rmb') return;
  yield* choose('kvm_tdx->state', [LATER, EARLY], (option) => {
    if (option === 1) to_kvm_tdx(k).early_state.store(k.memory.actor, to_kvm_tdx(k).state);
    return option;
  });
}
const LATER = { name: 'in order', cost: 0 };
const EARLY = { name: 'loaded before pre_fault_allowed', cost: 0 };

/** The S-EPT's own reference to a page (until 6.19). It belongs to no actor. */
const get_page = (folio: Folio): Flow =>
  step('get_page(page)', () => void (folio.refcount.shared += 1));
const put_page = (k: Kernel, folio: Folio): Flow =>
  step('put_page(page)', () => dropFolio(k, folio, () => folio.refcount.putShared()));

/**
 * Fills a leaf of the S-EPT: mmu_lock held for reading, the mirror SPTE frozen.
 * Before KVM_TDX_FINALIZE_VM the page is only counted: post_populate adds it.
 * smp_rmb() stands between pre_fault_allowed, read long ago, and the state.
 */
export const tdx_sept_set_private_spte = tdx(function* tdx_sept_set_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
) {
  yield* get_page(k.folios[pfn]!);
  if (!(yield* isRunnableBehindRmb(k))) return yield* k.tdx_mem_page_record_premap_cnt(kvm);
  const r = yield* k.tdx_mem_page_aug(gfn, pfn);
  if (r !== 0) yield* put_page(k, k.folios[pfn]!);
  return r;
});

export const tdx_mem_page_aug = tdx(function* tdx_mem_page_aug(
  k: Kernel,
  gfn: number,
  pfn: number,
) {
  const err = yield* tdh_mem_page_aug(k, gfn, pfn);
  if (err === TDX_OPERAND_BUSY) return -EBUSY;
  if (err === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_AUG failed');
  return -EIO;
});

export const tdx_mem_page_record_premap_cnt = tdx(function* tdx_mem_page_record_premap_cnt(
  k: Kernel,
  kvm: Kvm,
) {
  if (yield* test('kvm->arch.pre_fault_allowed', () => kvm.pre_fault_allowed)) {
    yield* KVM_BUG_ON(k, 'kvm->arch.pre_fault_allowed');
    return -EINVAL;
  }
  yield* step('atomic64_inc(&kvm_tdx->nr_premapped)', () => void to_kvm_tdx(k).nr_premapped++);
  return 0;
});

/** A leaf leaves the S-EPT: mmu_lock held for writing, the mirror SPTE cleared. */
export const tdx_sept_remove_private_spte = tdx(function* tdx_sept_remove_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
) {
  const zapped = yield* k.tdx_sept_zap_private_spte(gfn, pfn);
  if (zapped <= 0) return zapped;
  yield* k.tdx_track(kvm);
  return yield* k.tdx_sept_drop_private_spte(gfn, pfn);
});

/** @returns 1 = blocked, 0 = there was nothing behind the mirror SPTE, or an errno */
export const tdx_sept_zap_private_spte = tdx(function* tdx_sept_zap_private_spte(
  k: Kernel,
  gfn: number,
  pfn: number,
) {
  const err = yield* withoutVcpus(k, () => tdh_mem_range_block(k, gfn));
  if (err === TDX_SUCCESS) return 1;
  if (err === TDX_STATE_INCORRECT && (yield* isPremapped(k, gfn))) {
    yield* step('atomic64_dec(&kvm_tdx->nr_premapped)', () => void to_kvm_tdx(k).nr_premapped--);
    yield* put_page(k, k.folios[pfn]!);
    return 0;
  }
  yield* KVM_BUG_ON(k, 'TDH_MEM_RANGE_BLOCK failed');
  return -EIO;
});

/** Counted by KVM_TDX_INIT_MEM_REGION, and not added: the S-EPT entry is free. */
const isPremapped = (k: Kernel, gfn: number): Flow<boolean> =>
  test('tdx_is_sept_zap_err_due_to_premap()', () => {
    const { state, sept, nr_premapped } = to_kvm_tdx(k);
    return state !== TD_STATE_RUNNABLE && sept.load(gfn) === SEPT_FREE && nr_premapped > 0;
  });

export const tdx_track = tdx(function* tdx_track(k: Kernel, _kvm: Kvm) {
  if (!(yield* isRunnable(k))) return;
  const err = yield* withoutVcpus(k, () => tdh_mem_track(k));
  if (err !== TDX_SUCCESS) yield* KVM_BUG_ON(k, 'TDH_MEM_TRACK failed');
  yield* kvm_make_all_cpus_request(k);
});

/** TDH.PHYMEM.PAGE.WBINVD and the clearing of the page have no step: nobody has it by now. */
export const tdx_sept_drop_private_spte = tdx(function* tdx_sept_drop_private_spte(
  k: Kernel,
  gfn: number,
  pfn: number,
) {
  const err = yield* withoutVcpus(k, () => tdh_mem_page_remove(k, gfn));
  if (err !== TDX_SUCCESS) {
    yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_REMOVE failed');
    return -EIO;
  }
  yield* put_page(k, k.folios[pfn]!);
  return 0;
});

/**
 * KVM_REQ_OUTSIDE_GUEST_MODE: vCPUs that are in the guest get an IPI, and the
 * caller waits until each has left. One that enters later is nobody's business.
 */
export function* kvm_make_all_cpus_request(k: Kernel) {
  yield* step('kvm_make_all_cpus_request(KVM_REQ_OUTSIDE_GUEST_MODE)', () => {
    for (const v of k.vcpu_tdx) if (v.mode !== OUTSIDE_GUEST_MODE) v.kicked = true;
  });
  yield* step('wait for the kicked vCPUs', () => {}, {
    when: () => k.vcpu_tdx.every((v) => !v.kicked),
  });
}

/**
 * A SEAMCALL that must not fail: if it is busy, once more with all vCPUs out of
 * the guest and kept out. tdx_no_vcpus_enter_start() and _stop() around the
 * second try; in one macro, tdh_do_no_vcpus(), since 6.19.
 */
export function* withoutVcpus(k: Kernel, call: () => Flow<number>): Flow<number> {
  const err = yield* call();
  if (err !== TDX_OPERAND_BUSY) return err;
  yield* k.tdx_no_vcpus_enter_start();
  const again = yield* call();
  yield* step('WRITE_ONCE(kvm_tdx->wait_for_sept_zap, false)', () => {
    to_kvm_tdx(k).wait_for_sept_zap = false;
  });
  return again;
}

export const tdx_no_vcpus_enter_start = tdx(function* tdx_no_vcpus_enter_start(k: Kernel) {
  yield* step('WRITE_ONCE(kvm_tdx->wait_for_sept_zap, true)', () => {
    to_kvm_tdx(k).wait_for_sept_zap = true;
  });
  yield* kvm_make_all_cpus_request(k);
});
