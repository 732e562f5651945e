import { step } from '../../../../src/core/index.js';
import { EBUSY, EIO, EOPNOTSUPP } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import { PG_LEVEL_2M, PG_LEVEL_4K } from '../../../state/leaves.js';
import type { Kvm } from '../../../state/structs.js';
import { NONE } from '../../../state/shape.js';
import { SEPT_BLOCKED, SEPT_MAPPED, SEPT_NONLEAF, SEPT_PENDING } from '../../../state/tdx.js';
import {
  isRemovable,
  mayFail,
  TDX_OPERAND_BUSY,
  TDX_STATE_INCORRECT,
  TDX_SUCCESS,
  tdh_mem_page_aug,
  tdh_mem_page_remove,
  tdh_mem_range_block,
  tdh_mem_sept_add,
} from '../seamcalls.js';
import { KVM_BUG_ON, withoutVcpus } from '../sept.js';
import * as small from '../v6_19.js';
import { refusePamtPages, takePairs } from './pamt.js';

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'TDX huge pages, RFC v2 (2025-08-07)');

/** A TD that is not runnable yet gets 4K pages only: TDH.MEM.PAGE.ADD has no others. */
export const tdx_sept_set_private_spte = tdx(function* tdx_sept_set_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  level: number = PG_LEVEL_4K,
) {
  if (level === PG_LEVEL_4K) return yield* small.tdx_sept_set_private_spte(k, kvm, gfn, pfn);
  const err = yield* tdh_mem_page_aug(k, gfn, pfn, level);
  if (err === TDX_OPERAND_BUSY) return -EBUSY;
  if (err === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_AUG failed');
  return -EIO;
});

export const tdx_sept_link_private_spt = tdx(function* tdx_sept_link_private_spt(
  k: Kernel,
  _kvm: Kvm,
  gfn: number,
) {
  const err = yield* tdh_mem_sept_add(k, gfn);
  if (err === TDX_OPERAND_BUSY) return -EBUSY;
  if (err === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MEM_SEPT_ADD failed');
  return -EIO;
});

export const tdx_sept_remove_private_spte = tdx(function* tdx_sept_remove_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  level: number = PG_LEVEL_4K,
) {
  if (level === PG_LEVEL_4K) return yield* small.tdx_sept_remove_private_spte(k, kvm, gfn, pfn);
  if (!(yield* blockAndTrack(k, kvm, gfn))) return 0;
  const err = yield* withoutVcpus(k, () => tdh_mem_page_remove(k, gfn, level));
  if (err !== TDX_SUCCESS) yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_REMOVE failed');
  return 0;
});

/** No vCPU uses the leaf any more, once the kicked ones have left. */
export function* blockAndTrack(k: Kernel, kvm: Kvm, gfn: number) {
  const err = yield* withoutVcpus(k, () => tdh_mem_range_block(k, gfn, PG_LEVEL_2M));
  if (err !== TDX_SUCCESS) {
    yield* KVM_BUG_ON(k, 'TDH_MEM_RANGE_BLOCK failed');
    return false;
  }
  yield* k.tdx_track(kvm);
  return true;
}

/**
 * kvm_x86_ops.split_external_spt, mmu_lock held for writing. An error says KVM_BUG_ON(),
 * and is lost in tdp_mmu_set_spte(). TDH.MEM.PAGE.DEMOTE that is interrupted is started
 * again until it is done, as one step.
 */
export const tdx_sept_split_private_spt = tdx(function* tdx_sept_split_private_spt(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  if (!(yield* blockAndTrack(k, kvm, gfn))) return -EIO;
  const err =
    k.shape.dynamicPamt && !(yield* takePairs(k))
      ? yield* refusePamtPages(gfn)
      : yield* withoutVcpus(k, () => tdh_mem_page_demote(k, gfn));
  if (err === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_DEMOTE failed');
  return -EIO;
});

/** The leaf becomes a table of leaves that are as it was, and are not blocked. */
export const tdh_mem_page_demote = (k: Kernel, gfn: number) =>
  mayFail(
    'TDH.MEM.PAGE.DEMOTE',
    k,
    gfn,
    (tdx, huge) => {
      if (huge.sept.load(huge.index) === SEPT_NONLEAF) return TDX_STATE_INCORRECT;
      const refused = isRemovable(k, huge);
      if (refused !== TDX_SUCCESS) return refused;
      const state = huge.sept.load(huge.index) === SEPT_BLOCKED ? SEPT_MAPPED : SEPT_PENDING;
      for (let i = 0; i < huge.npages; i++) {
        tdx.sept.store(huge.gfn + i, state);
        tdx.sept_pfn.store(huge.gfn + i, huge.sept_pfn.load(huge.index) + i);
      }
      huge.sept.store(huge.index, SEPT_NONLEAF);
      huge.sept_pfn.store(huge.index, NONE);
      return TDX_SUCCESS;
    },
    PG_LEVEL_2M,
  );

/**
 * The same with mmu_lock held for reading, from the fault path: refused. To kick vCPUs
 * and keep them out takes mmu_lock for writing; a DEMOTE that is busy has to be undone by
 * TDH.MEM.RANGE.UNBLOCK, and that may be busy as well.
 */
export const split_external_spt_shared = tdx(function* tdx_sept_split_private_spt(
  _k: Kernel,
  _kvm: Kvm,
  _gfn: number,
) {
  yield* step('WARN_ON_ONCE(mmu_lock_shared)', () => {});
  return -EOPNOTSUPP;
});
