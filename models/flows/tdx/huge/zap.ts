import { choose, step } from '../../../../src/core/index.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import { rememberDestruction } from '../../../state/huge-ghosts.js';
import { entryOf, PG_LEVEL_2M, type Entry } from '../../../state/leaves.js';
import { NONE } from '../../../state/shape.js';
import type { Kvm } from '../../../state/structs.js';
import { NONLEAF_SPTE } from '../../../state/tdx.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from '../../locks.js';
import * as direct from '../../tdp_mmu.js';
import * as small from '../mirror.js';
import { KVM_FILTER_PRIVATE, KVM_FILTER_SHARED } from '../mirror.js';

const tdp_mmu = from('arch/x86/kvm/mmu/tdp_mmu.c', 'v6.16; TDX huge pages, RFC v2');

/** Leaves of either level. One that reaches beyond the range goes as a whole. */
export const kvm_unmap_gfn_range = tdp_mmu(function* kvm_unmap_gfn_range(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
  filter: number = KVM_FILTER_SHARED | KVM_FILTER_PRIVATE,
) {
  if (!k.shape.huge) return yield* small.kvm_unmap_gfn_range(k, kvm, start, end, filter);
  if (filter & KVM_FILTER_PRIVATE) yield* zapMirror(k, kvm, start, end);
  if (filter & KVM_FILTER_SHARED) return yield* direct.kvm_unmap_gfn_range(k, kvm, start, end);
  return 0;
});

function* zapMirror(k: Kernel, kvm: Kvm, start: number, end: number) {
  let gfn = start;
  while (gfn < end) {
    const entry = entryOf(k, gfn, PG_LEVEL_2M);
    const next = entry.gfn + entry.npages;
    const old = yield* zapHuge(k, entry, start, end);
    if (old >= 0) yield* k.remove_external_spte(kvm, entry.gfn, old, PG_LEVEL_2M);
    if (old === NONLEAF_SPTE) yield* zapSmall(k, kvm, gfn, Math.min(next, end));
    gfn = next;
    if (gfn < end) yield* tdp_mmu_iter_cond_resched(k, kvm);
  }
}

function* zapSmall(k: Kernel, kvm: Kvm, start: number, end: number) {
  for (let gfn = start; gfn < end; gfn++) {
    yield* k.tdp_mmu_zap_mirror_leaf(kvm, gfn);
    if (gfn + 1 < end) yield* tdp_mmu_iter_cond_resched(k, kvm);
  }
}

/** mmu_lock held for writing, so that nothing is frozen. */
const zapHuge = (
  k: Kernel,
  { mirror, index, gfn, npages, name }: Entry,
  start: number,
  end: number,
) =>
  step(
    `tdp_mmu_zap_leafs(): mirror SPTE of ${name} = 0, if it is a leaf`,
    () => {
      const was = mirror.load(index);
      if (was < 0) return was;
      mirror.store(index, NONE);
      rememberDestruction(k);
      if (gfn < start || gfn + npages > end) k.ghost.zapped_outside.store(0, 1);
      return was;
    },
    { sort: 'pfn' },
  );

/** Between two leaves the zap may give the lock away. */
export function* tdp_mmu_iter_cond_resched(_k: Kernel, kvm: Kvm) {
  if (!(yield* choose('tdp_mmu_iter_cond_resched()', [STAY, YIELD]))) return false;
  yield* KVM_MMU_UNLOCK(kvm);
  yield* KVM_MMU_LOCK(kvm);
  return true;
}
const STAY = { name: '', cost: 0 };
const YIELD = { name: 'yields', cost: 0 };
