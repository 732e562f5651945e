import { step, test, type Flow } from '../../../../src/core/index.js';
import { EBUSY } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import { folioOf, pagesIn } from '../../../state/folios.js';
import { entryOf, PG_LEVEL_2M, PG_LEVEL_4K, storeGoalLevel } from '../../../state/leaves.js';
import { NONE } from '../../../state/shape.js';
import { ABSENT, type Kvm } from '../../../state/structs.js';
import { FROZEN_SPTE, NONLEAF_SPTE, TD_STATE_RUNNABLE } from '../../../state/tdx.js';
import { RET_PF_FIXED, RET_PF_RETRY, RET_PF_SPURIOUS } from '../../ret_pf.js';
import * as small from '../mirror.js';
import { to_kvm_tdx } from '../seamcalls.js';

const tdp_mmu = from('arch/x86/kvm/mmu/tdp_mmu.c', 'TDX huge pages, RFC v2 (2025-08-07)');

/**
 * A private fault may map a leaf of level 2M. A page table that hangs there stays: 4K
 * leaves are never merged ("Disallow page merging for mirror root").
 */
export const kvm_tdp_mmu_map = tdp_mmu(function* kvm_tdp_mmu_map(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  isPrivate: boolean,
  writable?: boolean,
) {
  if (!k.shape.huge || k.shape.memory !== 'tdx' || !isPrivate)
    return yield* small.kvm_tdp_mmu_map(k, kvm, gfn, pfn, isPrivate, writable);
  const goal = yield* kvm_mmu_hugepage_adjust(k, kvm, gfn, pfn);
  const { mirror, index, gfn: base } = entryOf(k, gfn, PG_LEVEL_2M);
  const read = () => {
    // disallowed_hugepage_adjust(): a page table that hangs there brings the goal down.
    if (mirror.load(index) === NONLEAF_SPTE) storeGoalLevel(k, kvm, PG_LEVEL_4K);
    return mirror.load(index);
  };
  const old = yield* step('old_spte = kvm_tdp_mmu_read_spte() /* 2M */', read, { sort: 'pfn' });
  if (old === FROZEN_SPTE) return RET_PF_RETRY;
  if (old >= 0 && goal === PG_LEVEL_2M) return RET_PF_SPURIOUS;
  if (old >= 0) return yield* splitInFault(k, kvm, gfn);
  if (old === NONE && goal === PG_LEVEL_2M)
    return fixed(yield* k.set_external_spte_present(kvm, base, pfn - (gfn - base), PG_LEVEL_2M));
  if (old === NONE && (yield* k.link_external_spt(kvm, gfn)) !== 0) return RET_PF_RETRY;
  return yield* small.kvm_tdp_mmu_map(k, kvm, gfn, pfn, isPrivate);
});

const fixed = (r: number): number => (r === 0 ? RET_PF_FIXED : RET_PF_RETRY);

/** Whatever the split gives, the fault is tried again. */
function* splitInFault(k: Kernel, kvm: Kvm, gfn: number) {
  yield* k.split_external_spt_shared(kvm, gfn);
  return RET_PF_RETRY;
}

/**
 * The level of the mapping: fault->max_level is what the folio's order lets, that is known
 * since kvm_gmem_get_pfn(); a folio is never split but inside an invalidation that makes
 * the fault stale, so it may as well be asked here. lpage_info is read under mmu_lock.
 */
const kvm_mmu_hugepage_adjust = (k: Kernel, kvm: Kvm, gfn: number, pfn: number) =>
  step('kvm_mmu_hugepage_adjust()', () => {
    const { gfn: base, npages, index } = entryOf(k, gfn, PG_LEVEL_2M);
    const { state, guest_inhibit } = to_kvm_tdx(k);
    const isHuge =
      state === TD_STATE_RUNNABLE &&
      pagesIn(k.folios[folioOf(k, pfn)]!) >= npages &&
      pfn % npages === gfn - base &&
      guest_inhibit.load(index) === 0 &&
      isInSlot(k, base, npages) &&
      !isMixed(k, kvm, base, npages);
    return storeGoalLevel(k, kvm, isHuge ? PG_LEVEL_2M : PG_LEVEL_4K);
  });

const isInSlot = (k: Kernel, gfn: number, npages: number): boolean =>
  k.slots.some(
    (s, n) =>
      k.kvm.memslots.load(n) !== ABSENT &&
      s.base_gfn <= gfn &&
      gfn + npages <= s.base_gfn + s.npages,
  );

/**
 * KVM_LPAGE_MIXED_FLAG, as hugepage_set_mixed() has last stored it: at the end of an
 * invalidation that covers the whole leaf (9129633d568e), so that it never differs from
 * the attributes for who is not stale.
 */
function isMixed(k: Kernel, kvm: Kvm, gfn: number, npages: number): boolean {
  if (k.shape.inodeAttributes) return false;
  for (let i = 1; i < npages; i++)
    if (kvm.mem_attr_array.load(gfn + i) !== kvm.mem_attr_array.load(gfn)) return true;
  return false;
}

/** mmu_lock held for reading: the frozen SPTE keeps other faults off while the S-EPT is filled. */
export const set_external_spte_present = tdp_mmu(function* set_external_spte_present(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  level: number = PG_LEVEL_4K,
) {
  if (level === PG_LEVEL_4K) return yield* small.set_external_spte_present(k, kvm, gfn, pfn);
  return yield* freezeAndSet(k, gfn, pfn, () => k.set_external_spte(kvm, gfn, pfn, level));
});

/** A page table for leaves of level 4K; the S-EPT gets one as well. */
export const link_external_spt = tdp_mmu(function* tdp_mmu_link_sp(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  return yield* freezeAndSet(k, gfn, NONLEAF_SPTE, () => k.tdx_sept_link_private_spt(kvm, gfn));
});

/** What an SPTE of level 2M becomes, if the S-EPT follows. */
function* freezeAndSet(k: Kernel, gfn: number, spte: number, set: () => Flow<number>) {
  const { mirror, index } = entryOf(k, gfn, PG_LEVEL_2M);
  const won = yield* test('try_cmpxchg64(sptep, &old_spte, FROZEN_SPTE) /* 2M */', () => {
    if (mirror.load(index) !== NONE) return false;
    mirror.store(index, FROZEN_SPTE);
    return true;
  });
  if (!won) return -EBUSY;
  const r = yield* set();
  yield* step(`__kvm_tdp_mmu_write_spte(${r === 0 ? 'new' : 'old'}_spte) /* 2M */`, () =>
    mirror.store(index, r === 0 ? spte : NONE),
  );
  return r;
}
