import { again, step } from '../../../src/core/index.js';
import { EAGAIN, EEXIST, EINTR, EINVAL } from '../../errno.js';
import { kvm_gmem_for_each_file } from '../../flows/gmem_files.js';
import {
  alloc_and_add,
  folio_zero_user,
  kvm_gmem_has_some_shared,
  kvm_gmem_split_folio_in_filemap,
  nextIndex,
  page_folio,
  roundDown,
} from '../../flows/huge_folios.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
  folio_unlock,
} from '../../flows/locks.js';
import { KVM_FILTER_PRIVATE, KVM_FILTER_SHARED } from '../../flows/tdx/mirror.js';
import { kvm_release_pfn_clean as release_pfn } from '../../flows/mmu.js';
import { signal_pending } from '../../flows/signals.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
} from '../../state/structs.js';

const gmem = from('virt/kvm/guest_memfd.c', '1G page support for guest_memfd, RFC v2 (2025-05-14)');

/**
 * A huge page is added whole and unlocked, and split behind that if some of it is shared:
 * in between another fault may find it.
 */
export const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, _prepare: boolean) {
    if (!k.shape.huge) return yield* k.filemap_grab_folio(inode, index);
    const found = yield* k.filemap_lock_folio(inode, index);
    if (found !== NONE) return found;
    const added = yield* alloc_and_add(k, inode, index);
    if (added === -EEXIST) return yield* again();
    if (added < 0) return added;
    if (yield* kvm_gmem_has_some_shared(k, inode, index)) {
      const r = yield* kvm_gmem_split_folio_in_filemap(k, inode, roundDown(k, index));
      if (r !== 0) {
        // Not locked: that is a BUG_ON(), unless somebody has the lock who has found it meanwhile.
        // Here it leaves the filemap in either case.
        yield* k.filemap_remove_folio(inode, k.folios[added]!);
        return r;
      }
    }
    return yield* k.filemap_lock_folio(inode, index);
  },
  [FOLIO_LOCK, FOLIO_REF],
);

export const kvm_gmem_prepare_folio = gmem(function* kvm_gmem_prepare_folio(
  k: Kernel,
  kvm: Kvm,
  _inode: Inode,
  slot: Slot,
  index: number,
  folio: Folio,
) {
  yield* folio_zero_user(k, folio);
  const r = yield* k.__kvm_gmem_prepare_folio(kvm, slot, index, folio);
  if (r === 0) yield* k.kvm_gmem_mark_prepared(folio);
  return r;
});

/** The reference is to the folio. */
export const kvm_release_pfn_clean = from('virt/kvm/kvm_main.c', 'v6.16')(
  function* kvm_release_faultin_page(k: Kernel, pfn: number) {
    const isOurs = k.shape.huge && pfn >= 0 && pfn < k.shape.folios;
    yield* release_pfn(k, isOurs ? yield* page_folio(k, pfn) : pfn);
  },
  [FOLIO_REF],
);

/** Whole huge pages only, those that the range begins in and contains. */
export const kvm_gmem_allocate = gmem(function* kvm_gmem_allocate(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  const size = yield* step('i_size_read(inode)', () => inode.size);
  if (end > size) return -EINVAL;
  yield* filemap_invalidate_lock_shared(inode);
  let r = 0;
  let index = roundDown(k, start);
  while (index < roundDown(k, end) && r === 0) {
    if (yield* signal_pending(k)) r = -EINTR;
    else {
      const folio = yield* k.kvm_gmem_get_folio(inode, index, true);
      if (folio < 0) r = folio;
      else {
        index = yield* step('index = folio_next_index(folio)', () => nextIndex(k.folios[folio]!));
        yield* folio_unlock(k.folios[folio]!);
        yield* k.folio_put(k.folios[folio]!);
      }
    }
  }
  yield* filemap_invalidate_unlock_shared(inode);
  return r;
});

/** Private mappings of the range go, and those of the leaves that reach beyond it. */
export const kvm_gmem_unmap_private = gmem(function* kvm_gmem_unmap_private(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  yield* k.kvm_gmem_zap(file, start, end, KVM_FILTER_PRIVATE);
});

/** To shared nobody is asked. To private the host must have let go of the pages. */
export const kvm_gmem_convert_should_proceed = gmem(function* kvm_gmem_convert_should_proceed(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  attrs: number,
) {
  if (attrs) return yield* hostHasLetGo(k, inode, start, end);
  const files = yield* kvm_gmem_for_each_file(k, inode);
  for (const gmem of files) yield* k.kvm_gmem_unmap_private(gmem, start, end);
  return [0, 0] as const;
});

/**
 * The host's mapping is at userspace_addr there, so that to unmap it zaps the guest's
 * shared SPTEs, by the MMU notifier; kvm_gmem_zap() stands for that.
 */
export function* hostHasLetGo(k: Kernel, inode: Inode, start: number, end: number) {
  if (k.shape.mmap) yield* k.unmap_mapping_pages(inode, start, end);
  const files = yield* kvm_gmem_for_each_file(k, inode);
  for (const gmem of files) yield* k.kvm_gmem_zap(gmem, start, end, KVM_FILTER_SHARED);
  const unsafe = yield* k.kvm_gmem_unsafe_page(inode, start, end);
  return unsafe === NONE ? ([0, 0] as const) : ([-EAGAIN, unsafe] as const);
}
