import { test } from '../../../src/core/index.js';
import { EAGAIN, ENOMEM } from '../../errno.js';
import {
  mas_preallocate_fails,
  range_has_attributes,
  store_attributes,
} from '../../flows/conversion.js';
import { kvm_gmem_for_each_file } from '../../flows/gmem_files.js';
import {
  kvm_gmem_merge_folio_in_filemap,
  kvm_gmem_split_folio_in_filemap,
  roundDown,
  roundUp,
} from '../../flows/huge_folios.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock } from '../../flows/locks.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { isPrivatePage } from '../../state/attributes.js';
import { NONE } from '../../state/shape.js';
import type { Inode } from '../../state/structs.js';
import { judge } from '../H0/convert.js';
import { ALL } from '../H0/invalidate.js';
import { splitAll } from '../H1/guest_memfd.js';

const gmem = from('virt/kvm/guest_memfd.c', 'gmem-conversions-hugetlb, wip of 2025-12-08, with v3');

/** One huge page after the other; what has been converted before an error stays so. */
export const __kvm_gmem_set_attributes = gmem(function* __kvm_gmem_set_attributes(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  attrs: number,
) {
  yield* filemap_invalidate_lock(inode);
  let [r, error] = [0, 0];
  const same = yield* range_has_attributes(inode, start, end, attrs);
  let done = same ? end : start;
  while (done < end && r === 0) {
    const to = k.shape.huge ? Math.min(roundUp(k, done + 1), end) : end;
    [r, error] = yield* k.kvm_gmem_convert(inode, done, to, attrs);
    if (r === 0) done = to;
  }
  yield* filemap_invalidate_unlock(inode, () =>
    judge(k, inode, { start, end, attrs, done }, [r, error]),
  );
  return [r, error] as const;
});

/** The invalidation is ended before the folio is restructured and the attribute stored. */
export const kvm_gmem_convert = gmem(function* kvm_gmem_convert(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  attrs: number,
) {
  if (yield* mas_preallocate_fails(k)) return [-ENOMEM, start] as const;
  if (attrs) {
    if (k.shape.mmap) yield* k.unmap_mapping_pages(inode, start, end);
    const unsafe = yield* k.kvm_gmem_unsafe_page(inode, start, end);
    if (unsafe !== NONE) return [-EAGAIN, unsafe] as const;
  }
  const files = yield* kvm_gmem_for_each_file(k, inode);
  const [low, high] = [roundDown(k, start), roundUp(k, end)];
  for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, low, high);
  const failed = attrs ? 0 : yield* splitAll(k, files, start, end);
  if (failed === 0) for (const gmem of files) yield* k.kvm_gmem_zap(gmem, start, end, ALL);
  for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, low, high);
  if (failed !== 0) return [failed, start] as const;
  const r = yield* k.kvm_gmem_restructure_folios_in_range(inode, start, end, attrs === 0);
  if (r !== 0) return [r, start] as const;
  yield* store_attributes(inode, start, end, attrs);
  return [0, 0] as const;
});

/** The attributes are the old ones still: to private, what counts is the rest of the page. */
export const kvm_gmem_restructure = gmem(function* kvm_gmem_restructure(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  split: boolean,
) {
  if (!k.shape.huge) return 0;
  const index = roundDown(k, start);
  if (split) return yield* kvm_gmem_split_folio_in_filemap(k, inode, index);
  const restIsPrivate = yield* test('kvm_gmem_range_has_attributes(): all_rest_private', () => {
    for (let i = index; i < roundUp(k, end); i++)
      if ((i < start || i >= end) && !isPrivatePage(inode, i)) return false;
    return true;
  });
  if (restIsPrivate) yield* kvm_gmem_merge_folio_in_filemap(k, inode, index);
  return 0;
});
