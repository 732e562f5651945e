import { again, step, test } from '../../../../src/core/index.js';
import { EIO, ENOMEM } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import type { Kvm } from '../../../state/structs.js';
import { PAIRS_OF_A_SPLIT } from '../../../state/tdx.js';
import { TDX_ERROR, TDX_SUCCESS, to_kvm_tdx } from '../seamcalls.js';
import { KVM_BUG_ON, withoutVcpus } from '../sept.js';
import { allocationFails } from './pamt.js';
import { blockAndTrack, tdh_mem_page_demote, tdx_sept_split_private_spt } from './sept.js';
import * as rfc from './split.js';

/**
 * As posted: what the split gives is kept in a bool, so that an error comes back as 1.
 */
export const kvm_split_cross_boundary_leafs = from(
  'arch/x86/kvm/mmu/mmu.c',
  'TDX huge pages, v3 11/24 (2026-01-06)',
)(function* kvm_split_cross_boundary_leafs(k: Kernel, kvm: Kvm, start: number, end: number) {
  return (yield* rfc.kvm_split_cross_boundary_leafs(k, kvm, start, end)) === 0 ? 0 : 1;
});

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'TDX huge pages, v3 20/24 to 23/24 (2026-01-06)');

const isShort = (k: Kernel): boolean => to_kvm_tdx(k).split_cache.load(0) < PAIRS_OF_A_SPLIT;

export const tdx_need_topup_vm_split_cache = tdx(function* tdx_need_topup_vm_split_cache(
  k: Kernel,
) {
  return yield* test('prealloc->cnt < tdx_min_split_cache_sz()', () => isShort(k));
});

/** No more than a split takes. Pages come in and go out under prealloc_split_cache_lock. */
export const tdx_topup_vm_split_cache = tdx(function* tdx_topup_vm_split_cache(k: Kernel) {
  if (!(yield* test('READ_ONCE(prealloc->cnt) < cnt', () => isShort(k)))) return 0;
  if (yield* allocationFails(k, 'page = alloc_page()')) return -ENOMEM;
  yield* step('list_add(&page->lru, &prealloc->page_list)', () => {
    const { split_cache } = to_kvm_tdx(k);
    split_cache.store(0, split_cache.load(0) + 1);
  });
  return yield* again();
});

/** @returns false if there is no pair */
export const alloc_pamt_array = (k: Kernel, of: string) =>
  test(`alloc_pamt_array(&kvm_tdx->prealloc_split_cache) /* ${of} */`, () => {
    const { split_cache } = to_kvm_tdx(k);
    const pairs = split_cache.load(0);
    if (pairs > 0) split_cache.store(0, pairs - 1);
    return pairs > 0;
  });

/** tdh_mem_page_demote() frees its pair when the SEAMCALL fails: the second try takes another. */
function* demote(k: Kernel, gfn: number) {
  if (!(yield* alloc_pamt_array(k, 'tdh_mem_page_demote()'))) return TDX_ERROR;
  return yield* tdh_mem_page_demote(k, gfn);
}

export const tdx_sept_split_private_spte = tdx(function* tdx_sept_split_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  if (!k.shape.dynamicPamt) return yield* tdx_sept_split_private_spt(k, kvm, gfn);
  if (!(yield* blockAndTrack(k, kvm, gfn))) return -EIO;
  if (!(yield* alloc_pamt_array(k, 'tdx_pamt_get(new_sept_page)'))) {
    yield* KVM_BUG_ON(k, 'tdx_pamt_get() failed');
    return -EIO;
  }
  const err = yield* withoutVcpus(k, () => demote(k, gfn));
  if (err === TDX_SUCCESS) return 0;
  yield* KVM_BUG_ON(k, 'TDH_MEM_PAGE_DEMOTE failed');
  return -EIO;
});
