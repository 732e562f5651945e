import { choose, step } from '../../../src/core/index.js';
import type { Kernel } from '../../kernel.js';
import { NONE, ZERO } from '../../state/shape.js';
import {
  ACCEPTING,
  IDLE,
  IN_GUEST_MODE,
  IN_GUEST_MODE_OLD_EPOCH,
  SEPT_BLOCKED,
  SEPT_FREE,
  SEPT_MAPPED,
  SEPT_PENDING,
  SEPT_PENDING_BLOCKED,
  VP_INIT,
  ZERO_STEP,
  type KvmTdx,
} from '../../state/tdx.js';

/**
 * SEAMCALLs of the TDX module that KVM uses for memory, each one step: it tries
 * the module's locks and never waits for one. Who holds them is known from what
 * the vCPUs have under way. After the table in the message of 4b2abc49712b:
 *
 *     TD root     exclusive: TDH.VP.INIT                shared: all others
 *     TD epoch    exclusive: TDH.MEM.TRACK              shared: TDH.VP.ENTER
 *     S-EPT tree  exclusive: RANGE.BLOCK, TDH.VP.ENTER  shared: all others
 *                            with zero-step mitigation
 *     S-EPT entry exclusive: all of them, and the guest's ACCEPT
 */
export const TDX_SUCCESS = 0;
export const TDX_OPERAND_BUSY = 1;
/** TDX_EPT_ENTRY_STATE_INCORRECT. */
export const TDX_STATE_INCORRECT = 2;
/** TDX_PREVIOUS_TLB_EPOCH_BUSY, TDX_TLB_TRACKING_NOT_DONE. */
export const TDX_TLB_EPOCH = 3;
/** Any other, out of the fault budget. */
export const TDX_ERROR = 4;

/** Under TDX there is one. */
export const to_kvm_tdx = (k: Kernel): KvmTdx => k.kvm_tdx[0]!;

const isHeld = (k: Kernel, ...by: number[]): boolean =>
  k.vcpu_tdx.some((v) => v.in_module !== IDLE && by.includes(v.in_module));

/** A SEAMCALL that changes one S-EPT entry. */
const onEntry = (name: string, k: Kernel, gfn: number, run: (tdx: KvmTdx) => number) =>
  step(`${name}(gfn ${gfn})`, () =>
    isHeld(k, VP_INIT, ZERO_STEP, ACCEPTING + gfn) ? TDX_OPERAND_BUSY : run(to_kvm_tdx(k)),
  );

/** As onEntry; where the test lets it, it may fail for good. */
const mayFail = (name: string, k: Kernel, gfn: number, run: (tdx: KvmTdx) => number) =>
  choose(
    `${name}(gfn ${gfn})`,
    [
      { name: '', cost: 0 },
      { name: 'TDX error', cost: 1 },
    ].slice(0, k.shape.seamcallFails ? 2 : 1),
    (option) => {
      if (option === 1) return TDX_ERROR;
      if (isHeld(k, VP_INIT, ZERO_STEP, ACCEPTING + gfn)) return TDX_OPERAND_BUSY;
      return run(to_kvm_tdx(k));
    },
  );

/** The page becomes the guest's to accept. */
export const tdh_mem_page_aug = (k: Kernel, gfn: number, pfn: number) =>
  onEntry('TDH.MEM.PAGE.AUG', k, gfn, (tdx) => {
    if (tdx.sept.load(gfn) !== SEPT_FREE || !tdx.finalized) return TDX_STATE_INCORRECT;
    tdx.sept.store(gfn, SEPT_PENDING);
    tdx.sept_pfn.store(gfn, pfn);
    return TDX_SUCCESS;
  });

/** Copies the source into the page, and accepts it for the guest. Before MR.FINALIZE. */
export const tdh_mem_page_add = (k: Kernel, gfn: number, pfn: number, value: number) =>
  onEntry('TDH.MEM.PAGE.ADD', k, gfn, (tdx) => {
    if (tdx.sept.load(gfn) !== SEPT_FREE || tdx.finalized) return TDX_STATE_INCORRECT;
    tdx.sept.store(gfn, SEPT_MAPPED);
    tdx.sept_pfn.store(gfn, pfn);
    tdx.measured.store(gfn, 0);
    k.folios[pfn]!.content = value;
    return TDX_SUCCESS;
  });

/** TDH.MR.EXTEND takes 256 bytes at a time: 16 SEAMCALLs a page, here one. */
export const tdh_mr_extend = (k: Kernel, gfn: number) =>
  onEntry('TDH.MR.EXTEND', k, gfn, (tdx) => {
    if (tdx.sept.load(gfn) !== SEPT_MAPPED || tdx.finalized) return TDX_STATE_INCORRECT;
    tdx.measured.store(gfn, Math.min(2, tdx.measured.load(gfn) + 1));
    return TDX_SUCCESS;
  });

export const tdh_mr_finalize = (k: Kernel) =>
  step('TDH.MR.FINALIZE', () => {
    if (isHeld(k, VP_INIT)) return TDX_OPERAND_BUSY;
    to_kvm_tdx(k).finalized = true;
    return TDX_SUCCESS;
  });

/** No new translation of the gfn; what TLBs hold stays until they are tracked. */
export const tdh_mem_range_block = (k: Kernel, gfn: number) =>
  mayFail('TDH.MEM.RANGE.BLOCK', k, gfn, (tdx) => {
    const state = tdx.sept.load(gfn);
    if (state !== SEPT_PENDING && state !== SEPT_MAPPED) return TDX_STATE_INCORRECT;
    tdx.sept.store(gfn, state === SEPT_PENDING ? SEPT_PENDING_BLOCKED : SEPT_BLOCKED);
    tdx.untracked.store(gfn, 1);
    return TDX_SUCCESS;
  });

/** A new TD epoch, unless a vCPU is still in the guest with the one before this. */
export const tdh_mem_track = (k: Kernel) =>
  step('TDH.MEM.TRACK', () => {
    if (isHeld(k, VP_INIT, ZERO_STEP)) return TDX_OPERAND_BUSY;
    if (k.vcpu_tdx.some((v) => v.mode === IN_GUEST_MODE_OLD_EPOCH)) return TDX_TLB_EPOCH;
    for (const v of k.vcpu_tdx) if (v.mode === IN_GUEST_MODE) v.mode = IN_GUEST_MODE_OLD_EPOCH;
    for (let gfn = 0; gfn < k.shape.gfns; gfn++) to_kvm_tdx(k).untracked.store(gfn, 0);
    return TDX_SUCCESS;
  });

/** Blocked, tracked, and no vCPU left that entered before: the contents are lost. */
export const tdh_mem_page_remove = (k: Kernel, gfn: number) =>
  mayFail('TDH.MEM.PAGE.REMOVE', k, gfn, (tdx) => {
    const state = tdx.sept.load(gfn);
    if (state !== SEPT_BLOCKED && state !== SEPT_PENDING_BLOCKED) return TDX_STATE_INCORRECT;
    const isTracked =
      tdx.untracked.load(gfn) === 0 && k.vcpu_tdx.every((v) => v.mode !== IN_GUEST_MODE_OLD_EPOCH);
    if (tdx.finalized && !isTracked) return TDX_TLB_EPOCH;
    k.folios[tdx.sept_pfn.load(gfn)]!.content = ZERO;
    tdx.sept.store(gfn, SEPT_FREE);
    tdx.sept_pfn.store(gfn, NONE);
    tdx.untracked.store(gfn, 0);
    tdx.measured.store(gfn, 0);
    return TDX_SUCCESS;
  });
