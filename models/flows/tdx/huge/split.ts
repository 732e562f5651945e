import { again, step, test } from '../../../../src/core/index.js';
import { ENOMEM } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import { entryOf, PG_LEVEL_2M, PG_LEVEL_4K, type Entry } from '../../../state/leaves.js';
import type { Kvm, Vcpu } from '../../../state/structs.js';
import { NONLEAF_SPTE } from '../../../state/tdx.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from '../../locks.js';
import { to_kvm_tdx } from '../seamcalls.js';
import { allocationFails } from './pamt.js';

const tdp_mmu = from('arch/x86/kvm/mmu/tdp_mmu.c', 'TDX huge pages, RFC v2 12/23 (2025-08-07)');
const tdx = from('arch/x86/kvm/vmx/tdx.c', 'TDX huge pages, RFC v2 14/23 (2025-08-07)');

/**
 * Splits the leaves that reach beyond [start, end), at most one at either end; mmu_lock
 * held for writing. It is dropped to allocate the page table, and then the same leaf is
 * looked at again.
 */
export const kvm_split_cross_boundary_leafs = tdp_mmu(function* kvm_split_cross_boundary_leafs(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
) {
  if (!k.shape.huge) return 0;
  for (let gfn = start; gfn < end;) {
    const entry = entryOf(k, gfn, PG_LEVEL_2M);
    gfn = entry.gfn + entry.npages;
    if (!crosses(entry, start, end)) continue;
    const r = yield* k.tdp_mmu_split_huge_pages_root(kvm, entry.gfn);
    if (r !== 0) return r;
  }
  return 0;
});

/** iter_cross_boundary() */
const crosses = ({ gfn, npages }: Entry, start: number, end: number): boolean =>
  gfn < start || gfn + npages > end;

/** One turn of its loop, for a leaf that has to go. */
export const tdp_mmu_split_huge_pages_root = tdp_mmu(function* tdp_mmu_split_huge_pages_root(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  allocated: boolean = false,
) {
  const { mirror, index, name } = entryOf(k, gfn, PG_LEVEL_2M);
  const isLeaf = yield* test(`is_large_pte(iter.old_spte) /* ${name} */`, () =>
    mirror.load(index) >= 0);
  if (!isLeaf) return 0;
  if (allocated) {
    const isToppedUp = yield* topUp(k, kvm);
    if (isToppedUp < 0) return isToppedUp;
    if (isToppedUp) return yield* again(kvm, gfn, true);
    return yield* k.tdp_mmu_split_huge_page(kvm, gfn);
  }
  yield* KVM_MMU_UNLOCK(kvm);
  const failed = yield* tdp_mmu_alloc_sp_for_split(k);
  yield* KVM_MMU_LOCK(kvm);
  return failed ? -ENOMEM : yield* again(kvm, gfn, true);
});

/** With Dynamic PAMT. @returns 1 = mmu_lock was dropped for it, so that all may be different now */
function* topUp(k: Kernel, kvm: Kvm) {
  if (!k.shape.dynamicPamt || !(yield* k.need_topup_external_split_cache())) return 0;
  yield* KVM_MMU_UNLOCK(kvm);
  const r = yield* k.topup_external_split_cache();
  yield* KVM_MMU_LOCK(kvm);
  return r < 0 ? r : 1;
}

const tdp_mmu_alloc_sp_for_split = (k: Kernel) =>
  allocationFails(k, 'sp = tdp_mmu_alloc_sp_for_split()');

/** The mirror first, then the S-EPT; what that returns is not looked at. */
export const tdp_mmu_split_huge_page = tdp_mmu(function* tdp_mmu_split_huge_page(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  const { mirror, index, npages, name } = entryOf(k, gfn, PG_LEVEL_2M);
  yield* step(`tdp_mmu_set_spte(): mirror SPTE of ${name} = table of 4K leaves`, () => {
    const pfn = mirror.load(index);
    for (let i = 0; i < npages; i++) to_kvm_tdx(k).mirror.store(gfn + i, pfn + i);
    mirror.store(index, NONLEAF_SPTE);
  });
  yield* k.tdx_sept_split_private_spt(kvm, gfn);
  return 0;
});

/**
 * The guest accepts at 4K what is, or might be, mapped at 2M: the leaf is split, and from
 * then on nothing larger is mapped there. One way, so that a look without the lock will do.
 */
export const tdx_check_accept_level = tdx(function* tdx_check_accept_level(
  k: Kernel,
  _vcpu: Vcpu,
  gfn: number,
  level: number,
) {
  if ((yield* k.gfn_to_memslot(k.kvm, gfn)) < 0 || level !== PG_LEVEL_4K) return 0;
  const { guest_inhibit } = to_kvm_tdx(k);
  const { index } = entryOf(k, gfn, PG_LEVEL_2M);
  if (yield* test('hugepage_test_guest_inhibit()', () => guest_inhibit.load(index) === 1)) return 0;
  yield* KVM_MMU_LOCK(k.kvm);
  const r = yield* k.kvm_split_cross_boundary_leafs(k.kvm, gfn, gfn + 1);
  if (r === 0) yield* step('hugepage_set_guest_inhibit()', () => guest_inhibit.store(index, 1));
  yield* KVM_MMU_UNLOCK(k.kvm);
  return r;
});
