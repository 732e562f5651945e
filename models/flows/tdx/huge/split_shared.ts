import { step, test } from '../../../../src/core/index.js';
import { EBUSY } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import { entryOf, PG_LEVEL_2M, type Entry } from '../../../state/leaves.js';
import type { Kvm } from '../../../state/structs.js';
import {
  FROZEN_SPTE,
  NONLEAF_SPTE,
  SEPT_BLOCKED,
  SEPT_MAPPED,
  SEPT_PENDING,
  SEPT_PENDING_BLOCKED,
} from '../../../state/tdx.js';
import {
  onEntry,
  TDX_STATE_INCORRECT,
  TDX_SUCCESS,
  tdh_mem_range_block,
  tdh_mem_track,
  to_kvm_tdx,
} from '../seamcalls.js';
import { kvm_make_all_cpus_request } from '../sept.js';
import { tdh_mem_page_demote } from './sept.js';

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'Re: [RFC PATCH 12/21], Yan Zhao, 2025-05: as weighed');

/**
 * A leaf split with mmu_lock held for reading. vCPUs cannot be kept out of the guest, so
 * each SEAMCALL is tried once; behind the first the way back is a SEAMCALL as well.
 */
export const split_external_spt_shared = tdx(function* tdx_sept_split_private_spt(
  k: Kernel,
  _kvm: Kvm,
  gfn: number,
) {
  const entry = entryOf(k, gfn, PG_LEVEL_2M);
  const old = yield* step('old_spte = iter->old_spte', () => entry.mirror.load(entry.index), {
    sort: 'pfn',
  });
  const won = yield* test('try_cmpxchg64(sptep, &old_spte, FROZEN_SPTE) /* 2M */', () => {
    if (old < 0 || entry.mirror.load(entry.index) !== old) return false;
    entry.mirror.store(entry.index, FROZEN_SPTE);
    return true;
  });
  if (!won) return -EBUSY;
  const isSplit = yield* demote(k, entry);
  yield* step(`__kvm_tdp_mmu_write_spte(${isSplit ? 'new' : 'old'}_spte) /* 2M */`, () => {
    entry.mirror.store(entry.index, isSplit ? NONLEAF_SPTE : old);
    const npages = isSplit ? entry.npages : 0;
    for (let i = 0; i < npages; i++) to_kvm_tdx(k).mirror.store(entry.gfn + i, old + i);
  });
  return isSplit ? 0 : -EBUSY;
});

function* demote(k: Kernel, { gfn }: Entry) {
  if ((yield* tdh_mem_range_block(k, gfn, PG_LEVEL_2M)) !== TDX_SUCCESS) return false;
  if ((yield* tdh_mem_track(k)) === TDX_SUCCESS) {
    yield* kvm_make_all_cpus_request(k);
    if ((yield* tdh_mem_page_demote(k, gfn)) === TDX_SUCCESS) return true;
  }
  yield* tdh_mem_range_unblock(k, gfn);
  return false;
}

/** Takes the locks that TDH.MEM.RANGE.BLOCK does, and finds them taken as that may. */
const tdh_mem_range_unblock = (k: Kernel, gfn: number) =>
  onEntry(
    'TDH.MEM.RANGE.UNBLOCK',
    k,
    gfn,
    (_tdx, { sept, untracked, index }) => {
      const state = sept.load(index);
      if (state !== SEPT_BLOCKED && state !== SEPT_PENDING_BLOCKED) return TDX_STATE_INCORRECT;
      sept.store(index, state === SEPT_BLOCKED ? SEPT_MAPPED : SEPT_PENDING);
      untracked.store(index, 0);
      return TDX_SUCCESS;
    },
    PG_LEVEL_2M,
  );
