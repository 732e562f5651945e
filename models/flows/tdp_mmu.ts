import { choose, step, test } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { dropLeaf } from '../state/thp.js';
import { kvm_mmu_page_as_id, rootsOf, runningSptep } from '../state/roots.js';
import { MMIO, MMIO_OLD } from '../state/shape.js';
import { judgeInstall } from '../state/mapped.js';
import { type Kvm } from '../state/structs.js';
import { gfnOfVm } from '../state/vms.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from './locks.js';
import { flushIsDue } from '../state/tlb.js';
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
  writable: boolean = true,
) {
  if (pfn === KVM_PFN_NOSLOT) {
    if (k.shape.mmio) yield* set_mmio_spte(k, kvm, gfn);
    return RET_PF_EMULATE;
  }
  const old = yield* step(
    'old_spte = kvm_tdp_mmu_read_spte()',
    () => kvm.sptes.load(runningSptep(k, gfn)),
    {
      sort: 'pfn',
    },
  );
  if (old === pfn && !(yield* gainsWrite(k, kvm, gfn, writable))) return RET_PF_SPURIOUS;
  const won = yield* test('try_cmpxchg64(sptep, &old_spte, new_spte)', () => {
    const index = runningSptep(k, gfn);
    if (kvm.sptes.load(index) !== old) return false;
    kvm.sptes.store(index, pfn);
    if (k.shape.slotFlags) kvm.sptes_writable.store(index, writable ? 1 : 0);
    judgeInstall(k, kvm, gfn, pfn, isPrivate);
    if (k.shape.gmemOnly) k.ghost.spte_private.store(gfnOfVm(k, kvm, index), isPrivate ? 1 : 0);
    return true;
  });
  return won ? RET_PF_FIXED : RET_PF_RETRY;
});

/** Only where dirty pages are logged is a page of a slot that can be written mapped without. */
function* gainsWrite(k: Kernel, kvm: Kvm, gfn: number, writable: boolean) {
  if (!k.shape.vcpuStats || !k.shape.slotFlags || !writable) return false;
  return yield* test('is_writable_pte(old_spte)', () =>
    kvm.sptes_writable.load(runningSptep(k, gfn)) === 0);
}

/**
 * make_mmio_spte() takes the generation without the mark of an update, so what
 * is made during one is of the earlier generation as soon as it is over. One
 * step: whoever changes the SPTE or the slots in between makes it old, too.
 */
const set_mmio_spte = (k: Kernel, kvm: Kvm, gfn: number) =>
  step('make_mmio_spte(); tdp_mmu_set_spte_atomic()', () =>
    kvm.sptes.store(runningSptep(k, gfn), kvm.memslots_updating.load(0) ? MMIO_OLD : MMIO),
  );

/**
 * MMU lock held for writing. The guest walks the table without any lock, so
 * each leaf is a step; between two of them the zap may yield the lock, and
 * flushes before it does. An MMIO SPTE is not present, and stays. All roots but that of
 * SMM are walked: what is unmapped so is of ordinary slots.
 * @returns is a flush due before mmu_lock is dropped?
 */
export const kvm_unmap_gfn_range = tdp_mmu(function* kvm_unmap_gfn_range(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
) {
  let flush = 0;
  const leaves = leavesOf(k, start, end);
  for (let n = 0; n < leaves.length; n++) {
    const { gfn, index, root } = leaves[n]!;
    const yields = n + 1 < leaves.length ? [STAY, YIELD] : [STAY];
    const zapped = yield* choose(`tdp_mmu_zap_leafs(gfn ${gfn}${root})`, yields, (option) => {
      const old = kvm.sptes.load(index);
      if (old >= 0) dropLeaf(k, kvm, index);
      return option | (flushIsDue(k, old) << 1);
    });
    flush |= zapped >> 1;
    if (!(zapped & 1)) continue;
    if (flush) yield* k.kvm_flush_remote_tlbs(kvm);
    flush = 0;
    yield* KVM_MMU_UNLOCK(kvm);
    yield* KVM_MMU_LOCK(kvm);
  }
  return flush;
});
const STAY = { name: '', cost: 0 };
const YIELD = { name: 'tdp_mmu_iter_cond_resched() yields', cost: 0 };
const ROOT_NAMES = ['', ', guest_mode'];

/** for_each_valid_tdp_mmu_root(kvm, root, as_id): the leaves of a range in each. */
function leavesOf({ shape }: Kernel, start: number, end: number) {
  const roots = Array.from({ length: rootsOf(shape) }, (_, root) => root);
  return roots
    .filter((root) => kvm_mmu_page_as_id(root) === 0)
    .flatMap((root) =>
      Array.from({ length: Math.max(0, end - start) }, (_, i) => ({
        gfn: start + i,
        index: root * shape.gfns + start + i,
        root: ROOT_NAMES[root],
      })),
    );
}
