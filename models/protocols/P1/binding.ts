import { step, test } from '../../../src/core/index.js';
import { EBADF, EINVAL } from '../../errno.js';
import { fget } from '../../flows/files.js';
import {
  filemap_invalidate_lock,
  filemap_invalidate_unlock,
  slots_lock,
  slots_unlock,
} from '../../flows/locks.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { deref } from '../../state/bugs.js';
import { forgetFile } from '../../state/hva.js';
import { rememberGmemOnly } from '../../state/flags.js';
import { NONE } from '../../state/shape.js';
import { file_inode, isLinked } from '../../state/vms.js';
import type { GmemFile, Inode, Kvm, Slot } from '../../state/structs.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v6.8 (a7800aa80ea4)');

/**
 * The slot is not visible yet, so nobody reads its file or its bindings except
 * under the invalidate_lock: storing both is one step.
 */
export const kvm_gmem_bind = gmem(function* kvm_gmem_bind(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  file: GmemFile | undefined,
  pgoff: number,
) {
  if (!file || !(yield* fget(file))) return -EBADF;
  const inode = file_inode(k, file);
  if (file.kvm !== kvm) {
    yield* k.fput(file);
    return -EINVAL;
  }
  const fits = yield* test('offset + size <= i_size_read(inode)', () =>
    pgoff + slot.npages <= inode.size);
  if (!fits) {
    yield* k.fput(file);
    return -EINVAL;
  }
  yield* filemap_invalidate_lock(inode);
  const free = yield* test('!xa_find(&gmem->bindings)', () => isFree(file, pgoff, slot.npages));
  if (free)
    yield* step('slot->gmem.file = file; xa_store_range(&gmem->bindings)', () => {
      slot.gmem_file = k.files.indexOf(file);
      slot.gmem_pgoff = pgoff;
      rememberGmemOnly(k.shape, slot, k.files.indexOf(file));
      setBindings(file, slot, k.slots.indexOf(slot));
    });
  yield* filemap_invalidate_unlock(inode);
  yield* k.fput(file);
  return free ? 0 : -EINVAL;
});

/** Is no slot bound to this part of the file? */
export function isFree(file: GmemFile, start: number, npages: number): boolean {
  for (let i = start; i < start + npages; i++) if (file.bindings.load(i) !== NONE) return false;
  return true;
}

/** xa_store_range() over the slot's part of the file. */
export function setBindings(file: GmemFile, slot: Slot, value: number): void {
  for (let i = slot.gmem_pgoff; i < slot.gmem_pgoff + slot.npages; i++)
    file.bindings.store(i, value);
}

/**
 * A file whose last reference is gone is left alone: its release is supposed
 * to clean up. But the slot is freed before that release runs.
 */
export const kvm_gmem_unbind = gmem(function* kvm_gmem_unbind(k: Kernel, slot: Slot) {
  const file = yield* k.kvm_gmem_get_file(slot);
  if (file === NONE) return;
  const inode = file_inode(k, k.files[file]!);
  yield* filemap_invalidate_lock(inode);
  yield* k.__kvm_gmem_unbind(slot, k.files[file]!);
  yield* filemap_invalidate_unlock(inode);
  yield* k.fput(k.files[file]!);
});

/** Faults through the slot are over (SRCU), so both stores are one step. */
export const __kvm_gmem_unbind = gmem(function* __kvm_gmem_unbind(
  k: Kernel,
  slot: Slot,
  file: GmemFile,
) {
  yield* step('xa_store_range(&gmem->bindings, NULL); slot->gmem.file = NULL', () => {
    setBindings(file, deref(k, slot), NONE);
    slot.gmem_file = NONE;
  });
});

/** The last reference is gone: cut the slots loose, zap, leave the memory alone. */
export const kvm_gmem_release = gmem(function* kvm_gmem_release(
  k: Kernel,
  inode: Inode,
  file: GmemFile,
) {
  yield* releaseBegin(k, inode, file);
  yield* k.kvm_gmem_invalidate_begin(file, 0, k.shape.pages);
  yield* releaseEnd(k, inode, file);
});

/** What comes before the zap of all that the file has mapped. */
export function* releaseBegin(k: Kernel, inode: Inode, file: GmemFile) {
  yield* slots_lock(file.kvm);
  yield* filemap_invalidate_lock(inode);
  yield* step('xa_for_each(&gmem->bindings): slot->gmem.file = NULL', () => {
    for (let i = 0; i < file.bindings.length; i++)
      if (file.bindings.load(i) !== NONE)
        forgetFile(k, k.slots[file.bindings.load(i)]!);
  });
}

/** And what comes behind it. */
export function* releaseEnd(k: Kernel, inode: Inode, file: GmemFile) {
  yield* k.kvm_gmem_invalidate_end(file, 0, k.shape.pages);
  yield* step('list_del(&gmem->entry)', () => {
    file.listed = false;
  });
  yield* filemap_invalidate_unlock(inode);
  yield* slots_unlock(file.kvm);
  yield* step('xa_destroy(&gmem->bindings); kfree(gmem)', () => {
    for (let i = 0; i < file.bindings.length; i++) file.bindings.store(i, NONE);
    if (isLinked(k.shape.vms)) file.freed.store(0, 1);
  });
}
