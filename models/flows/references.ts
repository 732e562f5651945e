import { choose, step, test } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { rememberCount } from '../state/conversions.js';
import { NONE } from '../state/shape.js';
import type { Inode } from '../state/structs.js';
import { dropFolio } from './locks.js';
import { get_entry } from './truncate.js';

/** Who has references to the pages of a range: what a conversion to private asks. */

const v4 = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v4, 10/44 (2026-03-26)');
const v6 = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v6 (2026-05)');
const next = from('virt/kvm/guest_memfd.c', 'conversion as queued after v8 (2026-07)');

/** filemap_get_folios(): a batch of what is there, with a reference to each. */
export function* filemap_get_folios(k: Kernel, inode: Inode, start: number, end: number) {
  const batch: { readonly number: number; readonly index: number }[] = [];
  for (let index = start; index < Math.min(end, k.shape.pages); index++) {
    const number = yield* get_entry(k, inode, index, 'filemap_get_folios');
    if (number !== NONE) batch.push({ number, index });
  }
  return batch;
}

/**
 * References other than the page cache's and the batch's own: a pin, a fault
 * that is under way, or a transient one of who never touches the memory.
 */
export const kvm_gmem_unsafe_page = v4(function* kvm_gmem_is_safe_for_conversion(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  const batch = yield* filemap_get_folios(k, inode, start, end);
  let unsafe = NONE;
  for (const { number, index } of batch)
    if (unsafe === NONE && !(yield* refcount_is_safe(k, number))) unsafe = index;
  for (const { number } of batch) yield* k.folio_put(k.folios[number]!);
  return unsafe;
});

/**
 * Somebody who walks the page cache, and has nothing to do with the file, may have a reference
 * at that moment (folio_try_get()); it is dropped again, and shows nowhere else.
 */
export function* refcount_is_safe(k: Kernel, number: number) {
  const label = 'folio_ref_count(folio) == folio_nr_pages(folio) + 1';
  const count = (): number => k.folios[number]!.refcount.count;
  const isSafe = (others: number): boolean => {
    const safe = count() + others === 2;
    rememberCount(k, number, safe);
    return safe;
  };
  if (!k.shape.speculative) return yield* test(label, () => isSafe(0));
  return (yield* choose(label, SPECULATIVE, (others) => +isSafe(others))) === 1;
}
const SPECULATIVE = [
  { name: '', cost: 0 },
  { name: 'a speculative reference', cost: 1 },
];

/** What a per-CPU batch of new folios refers to is drained out of it, once. */
export const kvm_gmem_unsafe_page_drained = v6(function* kvm_gmem_is_safe_for_conversion(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  const batch = yield* filemap_get_folios(k, inode, start, end);
  let drained = false;
  let unsafe = NONE;
  for (const { number, index } of batch) {
    if (unsafe !== NONE) break;
    let safe = yield* refcount_is_safe(k, number);
    if (!safe && !drained) {
      yield* lru_add_drain_all(k);
      drained = true;
      safe = yield* refcount_is_safe(k, number);
    }
    if (!safe) unsafe = index;
  }
  for (const { number } of batch) yield* k.folio_put(k.folios[number]!);
  return unsafe;
});

/** One step: who counts references holds the invalidate_lock, and has called this. */
export const lru_add_drain_all = (k: Kernel) =>
  step('lru_add_drain_all()', () => {
    if (!k.shape.lruBatch) return;
    for (const folio of k.folios) {
      if (folio.lru_cached.load(0) === 0) continue;
      folio.lru_cached.store(0, 0);
      dropFolio(k, folio, () => folio.refcount.putShared());
    }
  });

/** A page that is pinned or mapped needs no counting; else batches are drained first. */
export const kvm_gmem_has_outstanding_references = next(
  function* kvm_gmem_has_outstanding_references(
    k: Kernel,
    inode: Inode,
    start: number,
    end: number,
  ) {
    const batch = yield* filemap_get_folios(k, inode, start, end);
    let drained = false;
    let unsafe = NONE;
    for (const { number, index } of batch) {
      if (k.shape.mmap && (yield* pinned_or_mapped(k, inode, number, index))) unsafe = index;
      else if (!(yield* refcount_is_safe(k, number))) {
        if (!drained) yield* lru_add_drain_all(k);
        drained = true;
        if (!(yield* refcount_is_safe(k, number))) unsafe = index;
      }
      if (unsafe !== NONE) break;
    }
    for (const { number } of batch) yield* k.folio_put(k.folios[number]!);
    return unsafe;
  },
);

const pinned_or_mapped = (k: Kernel, inode: Inode, number: number, index: number) =>
  test('folio_maybe_dma_pinned(folio) || folio_mapped(folio)', () => {
    const isInUse =
      k.folios[number]!.pincount.load(0) > 0 || inode.host_ptes.load(index) === number;
    if (isInUse) rememberCount(k, number, false);
    return isInUse;
  });
