import { choose, step, test } from '../../../src/core/index.js';
import { EBUSY } from '../../errno.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { rememberDestruction } from '../../state/huge-ghosts.js';
import { NONE } from '../../state/shape.js';
import { judgeInstall } from '../../state/mapped.js';
import type { Kvm } from '../../state/structs.js';
import { FROZEN_SPTE } from '../../state/tdx.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from '../locks.js';
import { RET_PF_FIXED, RET_PF_RETRY, RET_PF_SPURIOUS } from '../ret_pf.js';
import * as direct from '../tdp_mmu.js';
import { to_kvm_tdx } from './seamcalls.js';
import { KVM_BUG_ON } from './sept.js';

const tdp_mmu = from('arch/x86/kvm/mmu/tdp_mmu.c', 'v6.16');

/** enum kvm_gfn_range_filter: which roots a walk is about. */
export const KVM_FILTER_SHARED = 1;
export const KVM_FILTER_PRIVATE = 2;

/**
 * Private pages go into the mirror root, others into the direct one. Page
 * tables above the leaf are there (TDH.MEM.SEPT.ADD is busy when AUG would be).
 */
export const kvm_tdp_mmu_map = tdp_mmu(function* kvm_tdp_mmu_map(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  isPrivate: boolean,
  writable?: boolean,
) {
  if (k.shape.memory !== 'tdx' || !isPrivate)
    return yield* direct.kvm_tdp_mmu_map(k, kvm, gfn, pfn, isPrivate, writable);
  const old = yield* step(
    'old_spte = kvm_tdp_mmu_read_spte()',
    () => to_kvm_tdx(k).mirror.load(gfn),
    { sort: 'pfn' },
  );
  if (old === FROZEN_SPTE) return RET_PF_RETRY;
  if (old !== NONE) return RET_PF_SPURIOUS;
  return (yield* k.set_external_spte_present(kvm, gfn, pfn)) === 0 ? RET_PF_FIXED : RET_PF_RETRY;
});

/** mmu_lock held for reading: the frozen SPTE keeps other faults off while the S-EPT is filled. */
export const set_external_spte_present = tdp_mmu(function* set_external_spte_present(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
) {
  const { mirror } = to_kvm_tdx(k);
  const won = yield* test('try_cmpxchg64(sptep, &old_spte, FROZEN_SPTE)', () => {
    if (mirror.load(gfn) !== NONE) return false;
    mirror.store(gfn, FROZEN_SPTE);
    judgeInstall(k, k.kvm, gfn, pfn, true);
    return true;
  });
  if (!won) return -EBUSY;
  const r = yield* k.set_external_spte(kvm, gfn, pfn);
  yield* step(`__kvm_tdp_mmu_write_spte(${r === 0 ? 'new' : 'old'}_spte)`, () =>
    mirror.store(gfn, r === 0 ? pfn : NONE),
  );
  return r;
});

/** The filter acts only where there is a mirror root. */
export const kvm_unmap_gfn_range = tdp_mmu(function* kvm_unmap_gfn_range(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
  filter: number = KVM_FILTER_SHARED | KVM_FILTER_PRIVATE,
) {
  if (k.shape.memory !== 'tdx') return yield* direct.kvm_unmap_gfn_range(k, kvm, start, end);
  if (filter & KVM_FILTER_PRIVATE) yield* zapMirror(k, kvm, start, end);
  if (filter & KVM_FILTER_SHARED) yield* direct.kvm_unmap_gfn_range(k, kvm, start, end);
  return 0;
});

function* zapMirror(k: Kernel, kvm: Kvm, start: number, end: number) {
  for (let gfn = start; gfn < end; gfn++) {
    yield* k.tdp_mmu_zap_mirror_leaf(kvm, gfn);
    if (gfn + 1 === end) return;
    if (!(yield* choose('tdp_mmu_iter_cond_resched()', [STAY, YIELD]))) continue;
    yield* KVM_MMU_UNLOCK(kvm);
    yield* KVM_MMU_LOCK(kvm);
  }
}

const STAY = { name: '', cost: 0 };
const YIELD = { name: 'yields', cost: 0 };

/** One leaf of tdp_mmu_zap_leafs(), by tdp_mmu_set_spte(): mmu_lock held for writing. */
export const tdp_mmu_zap_mirror_leaf = tdp_mmu(function* tdp_mmu_set_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  const old = yield* step(
    `tdp_mmu_zap_leafs(): mirror SPTE of gfn ${gfn} = 0`,
    () => {
      const was = to_kvm_tdx(k).mirror.load(gfn);
      if (was >= 0) {
        to_kvm_tdx(k).mirror.store(gfn, NONE);
        rememberDestruction(k);
      }
      return was;
    },
    { sort: 'pfn' },
  );
  if (old < 0) return;
  const r = yield* k.remove_external_spte(kvm, gfn, old);
  if (r !== 0) yield* KVM_BUG_ON(k, 'remove_external_spte() failed');
});
