import { step, test } from '../../src/core/index.js';
import { EBADF, EEXIST, EINVAL } from '../errno.js';
import { fget } from '../flows/files.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock } from '../flows/locks.js';
import { pinForWriting } from '../flows/populate_source.js';
import type { Kernel } from '../kernel.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { deref } from '../state/bugs.js';
import { rememberGmemOnly } from '../state/flags.js';
import { NONE } from '../state/shape.js';
import { FILE_REF, type GmemFile, type Kvm, type Slot } from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { isFree, setBindings } from './P1/binding.js';
import { P8 } from './P8.js';

const gmem = from('virt/kvm/guest_memfd.c', '7.3.4');

/** The slot is nobody else's yet, so its file and its offset are one step. */
const kvm_gmem_prepare_memory_region = gmem(
  function* kvm_gmem_prepare_memory_region(
    k: Kernel,
    kvm: Kvm,
    slot: Slot,
    file: GmemFile,
    pgoff: number,
  ) {
    if (!(yield* fget(file))) return -EBADF;
    if (file.kvm !== kvm) {
      yield* k.fput(file);
      return -EINVAL;
    }
    const inode = file_inode(k, file);
    const fits = yield* test('offset + size <= i_size_read(inode)', () =>
      pgoff + slot.npages <= inode.size);
    if (!fits) {
      yield* k.fput(file);
      return -EINVAL;
    }
    yield* step('slot->gmem.file = file; slot->gmem.pgoff = pgoff', () => {
      slot.gmem_file = k.files.indexOf(file);
      slot.gmem_pgoff = pgoff;
      rememberGmemOnly(k.shape, slot, k.files.indexOf(file));
    });
    return 0;
  },
  [FILE_REF],
);

/** The reference that was taken to prepare keeps the file alive. */
const kvm_gmem_commit_memory_region = gmem(function* kvm_gmem_commit_memory_region(
  k: Kernel,
  slot: Slot,
) {
  const file = yield* step('slot->gmem.file', () => slot.gmem_file, { sort: 'file' });
  const inode = file_inode(k, k.files[file]!);
  yield* filemap_invalidate_lock(inode);
  const free = yield* test('!xa_find(&f->bindings)', () =>
    isFree(k.files[file]!, slot.gmem_pgoff, slot.npages));
  if (free)
    yield* step('xa_store_range(&f->bindings, slot)', () =>
      setBindings(k.files[file]!, slot, k.slots.indexOf(slot)),
    );
  yield* filemap_invalidate_unlock(inode);
  return free ? 0 : -EEXIST;
});

/** The two halves, one behind the other: what is between them is nobody else's business. */
const kvm_gmem_bind = gmem(function* kvm_set_memslot(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  file: GmemFile | undefined,
  pgoff: number,
) {
  if (!file) return -EBADF;
  const prepared = yield* k.kvm_gmem_prepare_memory_region(kvm, slot, file, pgoff);
  if (prepared < 0) return prepared;
  const r = yield* k.kvm_gmem_commit_memory_region(slot);
  yield* k.fput(file);
  return r;
});

/**
 * Dying or not, the file is reached through the slot, and its bindings change
 * under its invalidate_lock: slots_lock keeps its release off.
 */
const kvm_gmem_unbind = gmem(function* kvm_gmem_unbind(k: Kernel, slot: Slot) {
  const file = yield* step('slot->gmem.file', () => deref(k, slot).gmem_file, { sort: 'file' });
  if (file === NONE) return;
  const inode = file_inode(k, k.files[file]!);
  yield* filemap_invalidate_lock(inode);
  yield* k.__kvm_gmem_unbind(slot, k.files[file]!);
  yield* filemap_invalidate_unlock(inode);
});

/** How 7.3 binds and unbinds. */
export const binding = {
  kvm_gmem_prepare_memory_region,
  kvm_gmem_commit_memory_region,
  kvm_gmem_bind,
  kvm_gmem_unbind,
};

export const P9 = protocol(P8, {
  id: 'P9',
  title: 'Linux 7.3: a slot is bound in two halves, and unbound under the invalidate_lock always',
  functions: {
    kvm_gmem_prepare_memory_region,
    kvm_gmem_commit_memory_region,
    kvm_gmem_bind,
    kvm_gmem_unbind,
    pin_source: pinForWriting,
  },
});
