import { step } from '../../src/core/index.js';
import { EAGAIN } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { framesOf } from '../state/folios.js';
import { NONE, ZERO } from '../state/shape.js';
import type { Folio, Inode } from '../state/structs.js';
import {
  kvm_gmem_has_some_shared,
  kvm_gmem_merge_folio_in_filemap,
  roundDown,
  roundUp,
} from './huge_folios.js';
import { folio_lock, folio_unlock } from './locks.js';
import { get_entry } from './truncate.js';

const gmem = from('virt/kvm/guest_memfd.c', '1G page support for guest_memfd, RFC v2 (2025-05-14)');

/** Whole huge pages of the range are removed; of the ones that it cuts a part is cleared. */
export const kvm_gmem_truncate_inode_range = gmem(function* kvm_gmem_truncate_inode_range(
  k: Kernel,
  inode: Inode,
  start: number,
  lend: number,
) {
  const size = yield* step('i_size_read(inode)', () => inode.size);
  const end = Math.min(lend, size);
  const [first, last] = [roundUp(k, start), roundDown(k, end)];
  if (start < first) yield* k.kvm_gmem_zero_range(inode, start, Math.min(first, end));
  let r = 0;
  for (let index = first; index < last && r === 0; index += k.shape.huge!.folio)
    r = yield* truncateAligned(k, inode, index);
  if (end > last && end > first) yield* k.kvm_gmem_zero_range(inode, Math.max(last, start), end);
  return r;
});

/** One huge page. What is in pieces must have no users, and is put together first. */
function* truncateAligned(k: Kernel, inode: Inode, index: number) {
  if (yield* kvm_gmem_has_some_shared(k, inode, index)) {
    const end = index + k.shape.huge!.folio;
    if (k.shape.mmap) yield* k.unmap_mapping_pages(inode, index, end);
    const unsafe = yield* k.kvm_gmem_unsafe_page(inode, index, end);
    if (unsafe !== NONE) return -EAGAIN;
    yield* kvm_gmem_merge_folio_in_filemap(k, inode, index);
  }
  const number = yield* get_entry(k, inode, index, 'filemap_get_folios');
  if (number === NONE) return 0;
  const folio = k.folios[number]!;
  yield* folio_lock(folio);
  yield* k.filemap_remove_folio(inode, folio);
  yield* folio_unlock(folio);
  yield* k.folio_put(folio);
  return 0;
}

/**
 * Clears the part of [start, end) that is of a huge page which stays. As posted it clears
 * from the beginning of the folio, whatever start is.
 */
export const kvm_gmem_zero_range = gmem(function* kvm_gmem_zero_range(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  let index = start;
  while (index < end) {
    const number = yield* get_entry(k, inode, index, 'filemap_get_folios');
    if (number === NONE) {
      index++;
      continue;
    }
    const folio = k.folios[number]!;
    index = yield* step('folio_zero_segment(f, 0, nr_bytes)', () => zero(k, folio, end));
    yield* k.folio_put(folio);
  }
});

/** @returns the index behind the folio */
function zero(k: Kernel, folio: Folio, end: number): number {
  const frames = framesOf(k, folio);
  const next = folio.index + frames.length;
  const npages = Math.min(end, next) - folio.index;
  for (const frame of frames.slice(0, npages)) k.folios[frame]!.content = ZERO;
  return next;
}
