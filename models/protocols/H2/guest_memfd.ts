import { step } from '../../../src/core/index.js';
import { EAGAIN, EINVAL, EOPNOTSUPP } from '../../errno.js';
import { folio_test_uptodate, folio_mark_uptodate } from '../../flows/gmem.js';
import { getPfnLocked } from '../../flows/gmem_get_pfn.js';
import {
  folio_zero_user,
  kvm_gmem_merge_folio_in_filemap,
  nextIndex,
  roundDown,
} from '../../flows/huge_folios.js';
import { folio_lock, folio_unlock } from '../../flows/locks.js';
import { refcount_is_safe } from '../../flows/references.js';
import { get_entry } from '../../flows/truncate.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import { FOLIO_REF, type Inode } from '../../state/structs.js';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '../../uapi.js';
import { splitZapTruncate } from '../H1/guest_memfd.js';

const gmem = from('virt/kvm/guest_memfd.c', 'gmem-conversions-hugetlb, wip of 2025-12-08, with v3');

/** Ranges are of whole huge pages, as the guest_memfd has them. */
export const kvm_gmem_fallocate = gmem(function* kvm_gmem_fallocate(
  k: Kernel,
  inode: Inode,
  mode: number,
  offset: number,
  len: number,
) {
  if (!(mode & FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
  if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) return -EOPNOTSUPP;
  if (roundDown(k, offset) !== offset || roundDown(k, len) !== len) return -EINVAL;
  return mode & FALLOC_FL_PUNCH_HOLE
    ? yield* k.kvm_gmem_punch_hole(inode, offset, offset + len)
    : yield* k.kvm_gmem_allocate(inode, offset, offset + len);
});

/** What is truncated must have no users by then: they are asked behind the zap. */
export const kvm_gmem_punch_hole = gmem(splitZapTruncate(merge_truncate_range));

function* merge_truncate_range(k: Kernel, inode: Inode, start: number, end: number) {
  if (k.shape.huge) {
    if (k.shape.mmap) yield* k.unmap_mapping_pages(inode, start, end);
    if ((yield* k.kvm_gmem_unsafe_page(inode, start, end)) !== NONE) return -EAGAIN;
    for (let index = roundDown(k, start); index < end; index += k.shape.huge.folio)
      yield* kvm_gmem_merge_folio_in_filemap(k, inode, index);
  }
  let index = start;
  while (index < Math.min(end, k.shape.pages)) index = yield* truncate_folio(k, inode, index);
  return 0;
}

/** @returns the index behind it */
function* truncate_folio(k: Kernel, inode: Inode, index: number) {
  const number = yield* get_entry(k, inode, index, 'filemap_get_folios');
  if (number === NONE) return index + 1;
  const folio = k.folios[number]!;
  const next = yield* step('folio_next_index(folio)', () => nextIndex(folio));
  yield* folio_lock(folio);
  if (k.shape.mmap) yield* k.truncate_cleanup_folio(inode, folio, index);
  yield* k.filemap_remove_folio(inode, folio);
  yield* folio_unlock(folio);
  yield* k.folio_put(folio);
  return next;
}

/** kvm_gmem_has_safe_refcount(): folio by folio; the first that is not is where it fails. */
export const kvm_gmem_unsafe_page = gmem(function* kvm_gmem_has_safe_refcount(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  const batch: number[] = [];
  const indices: number[] = [];
  for (let index = start; index < Math.min(end, k.shape.pages);) {
    const number = yield* get_entry(k, inode, index, 'filemap_get_folios');
    if (number === NONE) {
      index++;
      continue;
    }
    batch.push(number);
    indices.push(index);
    index = yield* step('folio_next_index(folio)', () => nextIndex(k.folios[number]!));
  }
  let unsafe = NONE;
  for (const [i, number] of batch.entries())
    if (unsafe === NONE && !(yield* refcount_is_safe(k, number))) unsafe = indices[i]!;
  for (const number of batch) yield* k.folio_put(k.folios[number]!);
  return unsafe;
});

/** Cleared as a whole here: of a huge folio the tree as read clears the first page alone. */
export const kvm_gmem_get_pfn = gmem(
  getPfnLocked(function* clearedAndPrepared(k, { kvm, slot, index, folio }) {
    if (!(yield* folio_test_uptodate(folio))) {
      yield* folio_zero_user(k, folio);
      yield* folio_mark_uptodate(folio);
    }
    return yield* k.__kvm_gmem_prepare_folio(kvm, slot, index, folio);
  }),
  [FOLIO_REF],
);
