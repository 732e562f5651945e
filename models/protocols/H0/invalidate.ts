import { step, type Flow } from '../../../src/core/index.js';
import { kvm_gmem_for_each_file, list_for_each_gmem } from '../../flows/gmem_files.js';
import { boundRanges } from '../../flows/gmem_ranges.js';
import { nextIndex } from '../../flows/huge_folios.js';
import {
  filemap_invalidate_lock,
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock,
  filemap_invalidate_unlock_shared,
  KVM_MMU_LOCK,
  KVM_MMU_UNLOCK,
} from '../../flows/locks.js';
import { MF_DELAYED } from '../../flows/memory_failure.js';
import { judgeHole, rememberHole } from '../../flows/provenance.js';
import { KVM_FILTER_PRIVATE, KVM_FILTER_SHARED } from '../../flows/tdx/mirror.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { judgeOperation, rememberOperation, rememberZap } from '../../state/huge-ghosts.js';
import { HANDLED, type Folio, type GmemFile, type Inode } from '../../state/structs.js';
import { releaseBegin, releaseEnd } from '../P1/binding.js';

const gmem = from('virt/kvm/guest_memfd.c', '1G page support for guest_memfd, RFC v2 (2025-05-14)');

/** No zap: a conversion says later what is to go, if it comes to that. */
export const kvm_gmem_invalidate_begin = gmem(function* kvm_gmem_invalidate_begin(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  const ranges = yield* boundRanges(k, file, start, end);
  if (ranges.length === 0) return;
  yield* KVM_MMU_LOCK(file.kvm);
  yield* k.kvm_mmu_invalidate_begin(file.kvm);
  for (const r of ranges) yield* k.kvm_mmu_invalidate_range_add(file.kvm, r.start, r.end);
  yield* KVM_MMU_UNLOCK(file.kvm);
});

export const kvm_gmem_zap = gmem(function* kvm_gmem_zap(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
  filter: number,
) {
  const ranges = yield* boundRanges(k, file, start, end, () => rememberZap(k, file, start, end));
  if (ranges.length === 0) return;
  let flush = 0;
  yield* KVM_MMU_LOCK(file.kvm);
  for (const r of ranges) flush |= yield* k.kvm_unmap_gfn_range(file.kvm, r.start, r.end, filter);
  if (flush) yield* k.kvm_flush_remote_tlbs(file.kvm);
  yield* KVM_MMU_UNLOCK(file.kvm);
});

export const ALL = KVM_FILTER_PRIVATE | KVM_FILTER_SHARED;

/** Both in one critical section: for holes, for the last close, for memory that fails. */
export const kvm_gmem_invalidate_begin_and_zap = gmem(function* kvm_gmem_invalidate_begin_and_zap(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  const ranges = yield* boundRanges(k, file, start, end, () => rememberZap(k, file, start, end));
  if (ranges.length === 0) return;
  let flush = 0;
  yield* KVM_MMU_LOCK(file.kvm);
  yield* k.kvm_mmu_invalidate_begin(file.kvm);
  for (const r of ranges) {
    yield* k.kvm_mmu_invalidate_range_add(file.kvm, r.start, r.end);
    flush |= yield* k.kvm_unmap_gfn_range(file.kvm, r.start, r.end, ALL);
  }
  if (flush) yield* k.kvm_flush_remote_tlbs(file.kvm);
  yield* KVM_MMU_UNLOCK(file.kvm);
});

export const kvm_gmem_punch_hole = gmem(function* kvm_gmem_punch_hole(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  yield* filemap_invalidate_lock(inode);
  const files = yield* listed(k, inode, start, end);
  for (const gmem of files) yield* k.kvm_gmem_invalidate_begin_and_zap(gmem, start, end);
  const r = yield* truncate(k, inode, start, end);
  for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, end);
  yield* unlock(k, inode, start, end, r);
  return r;
});

/** A hole is done, or has failed. */
export const unlock = (k: Kernel, inode: Inode, start: number, end: number, r: number) =>
  filemap_invalidate_unlock(inode, () => {
    judgeHole(k);
    judgeOperation(k, inode, r === 0 ? { start, end } : undefined);
  });

/** The gmems on the inode's list; a hole begins. */
export const listed = (k: Kernel, inode: Inode, start: number, end: number) =>
  list_for_each_gmem(k, inode, () => {
    rememberOperation(k, inode);
    rememberHole(k, Math.min(start, k.shape.pages), Math.min(end, k.shape.pages));
  });

/** kvm_gmem_has_custom_allocator(inode)? */
export function* truncate(k: Kernel, inode: Inode, start: number, end: number) {
  if (k.shape.huge) return yield* k.kvm_gmem_truncate_inode_range(inode, start, end);
  yield* k.truncate_inode_pages_range(inode, start, end);
  return 0;
}

type Invalidation = (k: Kernel, file: GmemFile, start: number, end: number) => Flow;

const beginAndZap: Invalidation = (k, file, start, end) =>
  k.kvm_gmem_invalidate_begin_and_zap(file, start, end);

/** The whole file goes, so that no leaf reaches beyond it. */
export const releaseAll = (invalidate: Invalidation) =>
  function* kvm_gmem_release(k: Kernel, inode: Inode, file: GmemFile) {
    yield* releaseBegin(k, inode, file);
    yield* invalidate(k, file, 0, k.shape.pages);
    yield* releaseEnd(k, inode, file);
  };

export const kvm_gmem_release = gmem(releaseAll(beginAndZap));

/** The folio goes from the guest, not from the filemap. */
export const errorFolio = (invalidate: Invalidation) =>
  function* kvm_gmem_error_folio(k: Kernel, inode: Inode, folio: Folio) {
    yield* filemap_invalidate_lock_shared(inode);
    const start = yield* step('start = folio->index', () => folio.index);
    const end = yield* step('end = start + folio_nr_pages(folio)', () => nextIndex(folio));
    const files = yield* kvm_gmem_for_each_file(k, inode);
    for (const gmem of files) yield* invalidate(k, gmem, start, end);
    for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, end);
    yield* filemap_invalidate_unlock_shared(inode, () => folio.hwpoison.store(0, HANDLED));
    return MF_DELAYED;
  };

export const kvm_gmem_error_folio = gmem(errorFolio(beginAndZap));
