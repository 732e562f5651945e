import { step } from '../../../src/core/index.js';
import { EFAULT, EHWPOISON, EINTR, EINVAL, EIO, EOPNOTSUPP } from '../../errno.js';
import {
  bindings_load,
  clear_highpage,
  folio_mark_uptodate,
  folio_test_hwpoison,
  folio_test_uptodate,
  indexOf,
} from '../../flows/gmem.js';
import {
  KVM_MMU_LOCK,
  KVM_MMU_UNLOCK,
  filemap_invalidate_lock,
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock,
  filemap_invalidate_unlock_shared,
  fileRef,
  folioRef,
  folio_unlock,
} from '../../flows/locks.js';
import { gmemName, list_for_each_gmem } from '../../flows/gmem_files.js';
import { signal_pending } from '../../flows/signals.js';
import { judgeHole, rememberHole } from '../../flows/provenance.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { deref } from '../../state/bugs.js';
import { boundBase } from '../../state/hva.js';
import { NONE } from '../../state/shape.js';
import {
  FILE_REF,
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
} from '../../state/structs.js';
import { file_inode } from '../../state/vms.js';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '../../uapi.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v6.8 (a7800aa80ea4)');

/** Creates, zeroes and marks uptodate: whoever comes first, fallocate or fault. */
export const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, _prepare: boolean) {
    const folio = yield* k.filemap_grab_folio(inode, index);
    if (folio < 0) return folio;
    if (!(yield* folio_test_uptodate(k.folios[folio]!))) {
      yield* clear_highpage(k.folios[folio]!);
      yield* k.kvm_gmem_mark_prepared(k.folios[folio]!);
    }
    return folio;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

export const kvm_gmem_mark_prepared = gmem(function* kvm_gmem_mark_prepared(
  _k: Kernel,
  folio: Folio,
) {
  yield* folio_mark_uptodate(folio);
});

export const kvm_gmem_invalidate_begin = gmem(function* kvm_gmem_invalidate_begin(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  yield* invalidateBegin(k, file, start, end);
});

/**
 * begin and zap in one critical section. Bindings change only under the
 * invalidate_lock, which the caller holds, so the walk over them is one step.
 * Since 6.13 `filter` says which roots are zapped.
 */
export function* invalidateBegin(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
  filter?: number,
) {
  const { kvm } = file;
  const bound = yield* step(`xa_for_each_range(&${gmemName(k, file)}->bindings)`, () =>
    slotsBound(file, start, end),
  );
  if (bound === 0) return;
  let flush = 0;
  yield* KVM_MMU_LOCK(kvm);
  yield* k.kvm_mmu_invalidate_begin(kvm);
  for (let s = 0; s < k.shape.slots; s++) {
    if (!((bound >> s) & 1)) continue;
    const slot = k.slots[s]!;
    const low = yield* step('gfn_range.start', () =>
      gfnOf(k, slot, Math.max(slot.gmem_pgoff, start)),
    );
    const high = yield* step('gfn_range.end', () =>
      gfnOf(k, slot, Math.min(slot.gmem_pgoff + slot.npages, end)),
    );
    yield* k.kvm_mmu_invalidate_range_add(kvm, low, high);
    flush |= yield* filter === undefined
      ? k.kvm_unmap_gfn_range(kvm, low, high)
      : k.kvm_unmap_gfn_range(kvm, low, high, filter);
  }
  if (flush) yield* k.kvm_flush_remote_tlbs(kvm);
  yield* KVM_MMU_UNLOCK(kvm);
}

function slotsBound(file: GmemFile, start: number, end: number): number {
  let mask = 0;
  for (let i = start; i < Math.min(end, file.bindings.length); i++)
    if (file.bindings.load(i) !== NONE) mask |= 1 << file.bindings.load(i);
  return mask;
}

function gfnOf(k: Kernel, slot: Slot, index: number): number {
  return boundBase(k, slot) + index - slot.gmem_pgoff;
}

/** Ends what begin began: balanced as long as the bindings have not changed. */
export const kvm_gmem_invalidate_end = gmem(function* kvm_gmem_invalidate_end(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  const { kvm } = file;
  const bound = yield* step(`xa_find(&${gmemName(k, file)}->bindings)`, () =>
    slotsBound(file, start, end),
  );
  if (bound === 0) return;
  yield* KVM_MMU_LOCK(kvm);
  yield* k.kvm_mmu_invalidate_end(kvm);
  yield* KVM_MMU_UNLOCK(kvm);
});

export const kvm_gmem_punch_hole = gmem(function* kvm_gmem_punch_hole(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  yield* filemap_invalidate_lock(inode);
  const inFile = (index: number): number => Math.min(index, k.shape.pages);
  const files = yield* list_for_each_gmem(k, inode, () =>
    rememberHole(k, inFile(start), inFile(end)),
  );
  for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, start, end);
  yield* k.truncate_inode_pages_range(inode, start, end);
  for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, end);
  yield* filemap_invalidate_unlock(inode, () => judgeHole(k));
  return 0;
});

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
  for (let index = start; index < end && r === 0; index++) {
    if (yield* signal_pending(k)) r = -EINTR;
    else r = yield* allocateOne(k, inode, index);
  }
  yield* filemap_invalidate_unlock_shared(inode);
  return r;
});

function* allocateOne(k: Kernel, inode: Inode, index: number) {
  const folio = yield* k.kvm_gmem_get_folio(inode, index, true);
  if (folio < 0) return folio;
  yield* folio_unlock(k.folios[folio]!);
  yield* k.folio_put(k.folios[folio]!);
  return 0;
}

export const kvm_gmem_fallocate = gmem(function* kvm_gmem_fallocate(
  k: Kernel,
  inode: Inode,
  mode: number,
  offset: number,
  len: number,
) {
  if (!(mode & FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
  if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) return -EOPNOTSUPP;
  return mode & FALLOC_FL_PUNCH_HOLE
    ? yield* k.kvm_gmem_punch_hole(inode, offset, offset + len)
    : yield* k.kvm_gmem_allocate(inode, offset, offset + len);
});

/** get_file_active(): takes a reference unless the file is on its way out. */
export const kvm_gmem_get_file = gmem(
  function* kvm_gmem_get_file(k: Kernel, slot: Slot) {
    return yield* step(
      'file = get_file_active(&slot->gmem.file)',
      () => {
        const number = deref(k, slot).gmem_file;
        if (number === NONE || k.files[number]!.f_count.isZero) return NONE;
        k.files[number]!.f_count.get();
        return number;
      },
      { sort: 'file', acquires: (f) => (f === NONE ? [] : [fileRef(k.files[f]!)]) },
    );
  },
  [FILE_REF],
);

/** No invalidate_lock here: a punch may run between any two of these steps. */
export const kvm_gmem_get_pfn = gmem(
  function* kvm_gmem_get_pfn(k: Kernel, _kvm: Kvm, slot: Slot, gfn: number) {
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    const file = yield* k.kvm_gmem_get_file(slot);
    if (file === NONE) return -EFAULT;
    const r = yield* getLocked(k, slot, file, index);
    yield* k.fput(k.files[file]!);
    return r;
  },
  [FOLIO_REF],
);

function* getLocked(k: Kernel, slot: Slot, file: number, index: number) {
  if ((yield* bindings_load(k, file, index)) !== k.slots.indexOf(slot)) return -EIO;
  const number = yield* k.kvm_gmem_get_folio(file_inode(k, k.files[file]!), index, true);
  const folio = k.folios[number];
  if (!folio) return number;
  const isPoisoned = yield* folio_test_hwpoison(k, folio);
  yield* folio_unlock(folio);
  if (!isPoisoned) return number;
  yield* lose_reference(folio);
  return -EHWPOISON;
}

/** Until c31745d2c508 nobody drops the reference to a poisoned folio. */
const lose_reference = (folio: Folio) =>
  step(
    'return -EHWPOISON /* and the reference is lost */',
    () => {
      folio.refcount.shared += 1;
      folio.refcount.put();
    },
    { releases: [folioRef(folio)] },
  );
