import { test } from '../../../src/core/index.js';
import { slot_and_file } from '../../flows/conversion.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
} from '../../flows/locks.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { isPrivatePage } from '../../state/attributes.js';
import type { Inode, Kvm } from '../../state/structs.js';
import { file_inode } from '../../state/vms.js';

const gmem = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v4 (2026-03-26)');

export const is_private_mem = (inode: Inode, index: number) =>
  test('mtree_load(&gi->attributes, index)', () => isPrivatePage(inode, index));

/** The lock makes the look-up stable, not its result, which mmu_invalidate_seq has to guard. */
export const kvm_gmem_is_private_gfn = gmem(function* kvm_gmem_get_memory_attributes(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  const found = yield* slot_and_file(k, kvm, gfn);
  if (!found) return false;
  const inode = file_inode(k, k.files[found.file]!);
  yield* filemap_invalidate_lock_shared(inode);
  const isPrivate = yield* is_private_mem(inode, found.index);
  yield* filemap_invalidate_unlock_shared(inode);
  yield* k.fput(k.files[found.file]!);
  return isPrivate;
});
