import { again, choose, step, test } from '../../../../src/core/index.js';
import { ENOMEM } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import { hit } from '../../../state/bugs.js';
import { rememberFailure } from '../../../state/huge-ghosts.js';
import { PAIRS_OF_A_SPLIT, SPLIT_CACHE_CAPACITY } from '../../../state/tdx.js';
import { TDX_ERROR, to_kvm_tdx } from '../seamcalls.js';

/**
 * With Dynamic PAMT a split gives pages to the TDX module: a pair for the new page table, if
 * its 2M have none yet (here they never have), and a pair for the pages that become 4K. They
 * come from a cache of the VM, which is topped up with mmu_lock dropped.
 */
const rfc = from('arch/x86/kvm/mmu/tdp_mmu.c', 'TDX huge pages, RFC v2 21/23 (2025-08-07)');
const kvm_main = from('virt/kvm/kvm_main.c', 'v6.16');

const pairs = (k: Kernel): number => to_kvm_tdx(k).split_cache.load(0);

export const need_topup_mirror_caches = rfc(function* need_topup_mirror_caches(k: Kernel) {
  return yield* test('kvm_mmu_memory_cache_nr_free_objects(&kvm->arch.pamt_page_cache) < nr', () =>
    pairs(k) < PAIRS_OF_A_SPLIT);
});

/**
 * The cache is one that is made for a single user: nobody holds a lock here. It is filled up
 * once it has too few; a pair of pages is a page here.
 */
export const topup_mirror_caches = kvm_main(function* kvm_mmu_topup_memory_cache(
  k: Kernel,
  isFilling: boolean = false,
) {
  if (!isFilling && (yield* test('mc->nobjs >= min', () => pairs(k) >= PAIRS_OF_A_SPLIT))) return 0;
  if (!(yield* test('mc->nobjs < mc->capacity', () => pairs(k) < SPLIT_CACHE_CAPACITY))) return 0;
  if (yield* allocationFails(k, 'obj = mmu_memory_cache_alloc_obj(mc)', false))
    return (yield* hasEnough(k)) ? 0 : -ENOMEM;
  const nobjs = yield* step('nobjs = mc->nobjs', () => pairs(k));
  yield* step('mc->objects[nobjs] = obj; mc->nobjs = nobjs + 1', () => {
    if (nobjs === SPLIT_CACHE_CAPACITY) return hit(k, 'cacheOverrun');
    const { split_cache, split_cache_taken } = to_kvm_tdx(k);
    split_cache_taken.store(nobjs, 0);
    split_cache.store(0, nobjs + 1);
  });
  return yield* again(true);
});

/** Behind an allocation that has failed: without enough the split fails, too. */
const hasEnough = (k: Kernel) =>
  test('mc->nobjs >= min', () => {
    const isEnough = pairs(k) >= PAIRS_OF_A_SPLIT;
    if (!isEnough) rememberFailure(k);
    return isEnough;
  });

/**
 * kvm_mmu_memory_cache_alloc(), under mmu_lock: a read-modify-write as well. That it may lose
 * what is added meanwhile is a leak, and left out. An empty cache has it warn and allocate
 * atomically. @returns false if a page is in use already
 */
export function* takePairs(k: Kernel) {
  return yield* test('kvm_mmu_memory_cache_alloc(&kvm->arch.pamt_page_cache)', () => {
    const { split_cache, split_cache_taken } = to_kvm_tdx(k);
    const first = Math.max(0, pairs(k) - PAIRS_OF_A_SPLIT);
    let areFree = true;
    for (let i = first; i < pairs(k); i++) {
      if (split_cache_taken.load(i) === 1) areFree = false;
      split_cache_taken.store(i, 1);
    }
    split_cache.store(0, first);
    return areFree;
  });
}

/** The module does not take a page for its metadata that it has already. */
export const refusePamtPages = (gfn: number) =>
  step(`TDH.MEM.PAGE.DEMOTE(gfn ${gfn}, 2M): a PAMT page is in use`, () => TDX_ERROR);

/** An allocation, which fails where the test has faults; @param isFatal the split fails with it */
export function* allocationFails(k: Kernel, label: string, isFatal = true) {
  const failed = yield* choose(
    label,
    [
      { name: '', cost: 0 },
      { name: '-ENOMEM', cost: 1 },
    ].slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      if (option === 1 && isFatal) rememberFailure(k);
      return option;
    },
  );
  return failed !== 0;
}
