import { step, test, type Flow } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { folioOf, pagesIn } from '../state/folios.js';
import { PG_LEVEL_2M, PG_LEVEL_4K, storeGoalLevel } from '../state/leaves.js';
import { judgeInstall } from '../state/mapped.js';
import { ABSENT, type Kvm } from '../state/structs.js';
import { blockOf, isLargeRmp, isLeaf2M, setLeaf2M } from '../state/thp.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from './locks.js';
import { RET_PF_FIXED, RET_PF_RETRY, RET_PF_SPURIOUS } from './ret_pf.js';
import * as small from './tdp_mmu.js';

const tdp_mmu = from('arch/x86/kvm/mmu/tdp_mmu.c', '6.12.117');
const mmu = from('arch/x86/kvm/mmu/mmu.c', '6.12.117');

/** The level that a fault maps at, as the version decides it. */
type LevelOf = (k: Kernel, kvm: Kvm, gfn: number, pfn: number) => Flow<number>;

/**
 * The direct root has leaves of 2M. Such a leaf takes the place of a table; a smaller one that
 * comes splits it, which is part of the step here: its other pages stay mapped as they were.
 */
export const mapAt = (levelOf: LevelOf) =>
  function* kvm_tdp_mmu_map(
    k: Kernel,
    kvm: Kvm,
    gfn: number,
    pfn: number,
    isPrivate: boolean,
    writable: boolean = true,
  ) {
    if (!k.shape.huge || pfn < 0)
      return yield* small.kvm_tdp_mmu_map(k, kvm, gfn, pfn, isPrivate, writable);
    const goal = yield* levelOf(k, kvm, gfn, pfn);
    const read = () => (goal === PG_LEVEL_2M && !isLeaf2M(k, kvm, gfn) ? -1 : kvm.sptes.load(gfn));
    const old = yield* step('old_spte = kvm_tdp_mmu_read_spte()', read, { sort: 'pfn' });
    if (old === pfn) return RET_PF_SPURIOUS;
    const won = yield* test('try_cmpxchg64(sptep, &old_spte, new_spte)', () => {
      if (read() !== old) return false;
      if (goal === PG_LEVEL_2M) setLeaf2M(k, kvm, gfn, pfn);
      else {
        kvm.sptes_2m.store(blockOf(k, gfn), 0);
        kvm.sptes.store(gfn, pfn);
      }
      judgeInstall(k, kvm, gfn, pfn, isPrivate);
      return true;
    });
    return won ? RET_PF_FIXED : RET_PF_RETRY;
  };

/**
 * max_order and the RMP's level are known since the look-up. Who has looked up refers to the
 * folio, so that it stays as large as it was; an RMP entry that is split in between is
 * followed by a zap, or by a hole. So all of it may as well be asked here, under mmu_lock.
 */
const kvm_mmu_hugepage_adjust = (k: Kernel, kvm: Kvm, gfn: number, pfn: number) =>
  step('kvm_mmu_hugepage_adjust()', () => {
    const { leaf } = k.shape.huge!;
    const isHuge =
      pfn < k.shape.folios &&
      pagesIn(k.folios[folioOf(k, pfn)]!) === leaf &&
      pfn % leaf === gfn % leaf &&
      kvm.lpage_mixed.load(blockOf(k, gfn)) === 0 &&
      isInSlot(k, kvm, gfn - (gfn % leaf), leaf) &&
      (k.shape.memory !== 'snp' || isLargeRmp(k, pfn));
    return storeGoalLevel(k, kvm, isHuge ? PG_LEVEL_2M : PG_LEVEL_4K);
  });

export const kvm_tdp_mmu_map = tdp_mmu(mapAt(kvm_mmu_hugepage_adjust));

/** lpage_info: 2M that the slot does not have to the end are mapped at 4K. */
export const isInSlot = (k: Kernel, kvm: Kvm, gfn: number, npages: number): boolean =>
  k.slots.some(
    (s, n) =>
      kvm.memslots.load(n) !== ABSENT && s.base_gfn <= gfn && gfn + npages <= s.base_gfn + s.npages,
  );

/** End, then what huge pages are mixed from now on, in one critical section. */
export const kvm_post_set_memory_attributes = mmu(function* kvm_arch_post_set_memory_attributes(
  k: Kernel,
  kvm: Kvm,
  slots: number,
) {
  if (slots > 0) {
    yield* KVM_MMU_LOCK(kvm);
    yield* k.kvm_mmu_invalidate_end(kvm);
  }
  if (k.shape.huge) yield* step('hugepage_set_mixed()', () => setMixed(k, kvm));
  if (slots > 0) yield* KVM_MMU_UNLOCK(kvm);
});

/** KVM_LPAGE_MIXED_FLAG of every 2M, after the attributes. */
export function setMixed(k: Kernel, kvm: Kvm): void {
  const { leaf } = k.shape.huge!;
  for (let n = 0; n < kvm.lpage_mixed.length; n++) {
    const first = kvm.mem_attr_array.load(n * leaf);
    const gfns = Array.from({ length: leaf }, (_, i) => n * leaf + i);
    const isMixed = gfns.some(
      (gfn) => gfn < k.shape.gfns && kvm.mem_attr_array.load(gfn) !== first,
    );
    kvm.lpage_mixed.store(n, isMixed ? 1 : 0);
  }
}
