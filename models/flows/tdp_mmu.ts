import { choose, step, test } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { NONE, MMIO, MMIO_OLD } from '../state/shape.js';
import { type Kvm } from '../state/structs.js';
import { gfnOfVm } from '../state/vms.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from './locks.js';
import {
  RET_PF_RETRY,
  RET_PF_EMULATE,
  RET_PF_FIXED,
  RET_PF_SPURIOUS,
  KVM_PFN_NOSLOT,
} from './ret_pf.js';

const tdp_mmu = from('arch/x86/kvm/mmu/tdp_mmu.c', '6.12.117');

/** MMU lock held for reading: other faults map at the same time. */
export const kvm_tdp_mmu_map = tdp_mmu(function* kvm_tdp_mmu_map(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  isPrivate: boolean,
) {
  if (pfn === KVM_PFN_NOSLOT) {
    if (k.shape.mmio) yield* set_mmio_spte(kvm, gfn);
    return RET_PF_EMULATE;
  }
  const old = yield* step('old_spte = kvm_tdp_mmu_read_spte()', () => kvm.sptes.load(gfn), {
    sort: 'pfn',
  });
  if (old === pfn) return RET_PF_SPURIOUS;
  const won = yield* test('try_cmpxchg64(sptep, &old_spte, new_spte)', () => {
    if (kvm.sptes.load(gfn) !== old) return false;
    kvm.sptes.store(gfn, pfn);
    if (k.shape.gmemOnly) k.ghost.spte_private.store(gfnOfVm(k, kvm, gfn), isPrivate ? 1 : 0);
    return true;
  });
  return won ? RET_PF_FIXED : RET_PF_RETRY;
});

/**
 * make_mmio_spte() takes the generation without the mark of an update, so what
 * is made during one is of the earlier generation as soon as it is over. One
 * step: whoever changes the SPTE or the slots in between makes it old, too.
 */
const set_mmio_spte = (kvm: Kvm, gfn: number) =>
  step('make_mmio_spte(); tdp_mmu_set_spte_atomic()', () =>
    kvm.sptes.store(gfn, kvm.memslots_updating.load(0) ? MMIO_OLD : MMIO),
  );

/**
 * MMU lock held for writing. The guest walks the table without any lock, so
 * each leaf is a step; between two of them the zap may yield the lock.
 * A zapped SPTE is gone from the TLBs too: flushes are not modelled. An MMIO
 * SPTE is not present, and stays.
 */
export const kvm_unmap_gfn_range = tdp_mmu(function* kvm_unmap_gfn_range(
  _k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
) {
  for (let gfn = start; gfn < end; gfn++) {
    const yields = gfn + 1 < end ? [STAY, YIELD] : [STAY];
    const yielded = yield* choose(`tdp_mmu_zap_leafs(gfn ${gfn})`, yields, (option) => {
      if (kvm.sptes.load(gfn) >= 0) kvm.sptes.store(gfn, NONE);
      return option;
    });
    if (!yielded) continue;
    yield* KVM_MMU_UNLOCK(kvm);
    yield* KVM_MMU_LOCK(kvm);
  }
});
const STAY = { name: '', cost: 0 };
const YIELD = { name: 'tdp_mmu_iter_cond_resched() yields', cost: 0 };
