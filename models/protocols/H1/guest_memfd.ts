import { kvm_gmem_for_each_file } from '../../flows/gmem_files.js';
import { boundRanges } from '../../flows/gmem_ranges.js';
import { filemap_invalidate_lock, KVM_MMU_LOCK, KVM_MMU_UNLOCK } from '../../flows/locks.js';
import { KVM_FILTER_PRIVATE } from '../../flows/tdx/mirror.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import type { GmemFile, Inode } from '../../state/structs.js';
import { hostHasLetGo } from '../H0/guest_memfd.js';
import { ALL, errorFolio, listed, releaseAll, truncate, unlock } from '../H0/invalidate.js';

const gmem = from('virt/kvm/guest_memfd.c', 'TDX huge pages, RFC v2 17/23 (2025-08-07)');

export const kvm_gmem_split_private = gmem(function* kvm_gmem_split_private(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  const ranges = yield* boundRanges(k, file, start, end);
  if (ranges.length === 0) return 0;
  yield* KVM_MMU_LOCK(file.kvm);
  let r = 0;
  for (const range of ranges)
    if (r === 0) r = yield* k.kvm_split_cross_boundary_leafs(file.kvm, range.start, range.end);
  yield* KVM_MMU_UNLOCK(file.kvm);
  return r;
});

/** Of every file before any of them is zapped; the first error ends it. */
export function* splitAll(k: Kernel, files: readonly GmemFile[], start: number, end: number) {
  for (const gmem of files) {
    const r = yield* k.kvm_gmem_split_private(gmem, start, end);
    if (r !== 0) return r;
  }
  return 0;
}

/** A hole: begin; split, which may fail; only then zap and truncate, which may fail as well. */
export const splitZapTruncate = (truncateRange: typeof truncate) =>
  function* kvm_gmem_punch_hole(k: Kernel, inode: Inode, start: number, end: number) {
    yield* filemap_invalidate_lock(inode);
    const files = yield* listed(k, inode, start, end);
    for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, start, end);
    let r = yield* splitAll(k, files, start, end);
    if (r === 0) {
      for (const gmem of files) yield* k.kvm_gmem_zap(gmem, start, end, ALL);
      r = yield* truncateRange(k, inode, start, end);
    }
    for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, end);
    yield* unlock(k, inode, start, end, r);
    return r;
  };

export const kvm_gmem_punch_hole = gmem(splitZapTruncate(truncate));

/** Where H0 begins and zaps in one critical section, it is two. */
function* beginThenZap(k: Kernel, file: GmemFile, start: number, end: number) {
  yield* k.kvm_gmem_invalidate_begin(file, start, end);
  yield* k.kvm_gmem_zap(file, start, end, ALL);
}

/** No split: the whole file goes. */
export const kvm_gmem_release = gmem(releaseAll(beginThenZap));

/** No split: "the size of the SEPT will not exceed the size of the folio". */
export const kvm_gmem_error_folio = gmem(errorFolio(beginThenZap));

/** To shared: split, then zap what is private, and nothing else. */
export const kvm_gmem_convert_should_proceed = gmem(function* kvm_gmem_convert_should_proceed(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  attrs: number,
) {
  if (attrs) return yield* hostHasLetGo(k, inode, start, end);
  const files = yield* kvm_gmem_for_each_file(k, inode);
  const r = yield* splitAll(k, files, start, end);
  if (r !== 0) return [r, 0] as const;
  for (const gmem of files) yield* k.kvm_gmem_zap(gmem, start, end, KVM_FILTER_PRIVATE);
  return [0, 0] as const;
});
