import { filemap_create_folio } from '../flows/filemap.js';
import { list_for_each_gmem } from '../flows/gmem_files.js';
import type { Kernel } from '../kernel.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { FOLIO_LOCK, FOLIO_REF, type GmemFile, type Inode, type Slot } from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { makeUsable, P2 } from './P2.js';

const gmem = from('virt/kvm/guest_memfd.c', 'kvm-coco-queue, 2024-04 (posted 2024-04-04)');

/** Who is not to prepare wants to be the first: populate, and nobody else. */
const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, prepare: boolean) {
    const number = yield* prepare
      ? k.filemap_grab_folio(inode, index)
      : k.filemap_create_folio(inode, index);
    return number < 0 ? number : yield* makeUsable(k, inode, index, number, prepare);
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** A page that was refused goes, so that it can be created again. Signals are not looked for. */
const kvm_gmem_populate_one = gmem(function* kvm_gmem_populate_one(
  k: Kernel,
  slot: Slot,
  file: GmemFile,
  index: number,
  gfn: number,
  value: number,
) {
  const [folio] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
  if (folio < 0) return folio;
  const r = yield* k.post_populate(file.kvm, gfn, k.folios[folio]!, value);
  yield* k.folio_put(k.folios[folio]!);
  if (r !== 0) yield* kvm_gmem_undo_get_pfn(k, file_inode(k, file), index);
  return r;
});

/**
 * __kvm_gmem_punch_hole() under the invalidate_lock that populate holds. That the slot is still
 * bound, which it asks first, the lock sees to.
 */
function* kvm_gmem_undo_get_pfn(k: Kernel, inode: Inode, index: number) {
  const files = yield* list_for_each_gmem(k, inode);
  for (const file of files) yield* k.kvm_gmem_invalidate_begin(file, index, index + 1);
  yield* k.truncate_inode_pages_range(inode, index, index + 1);
  for (const file of files) yield* k.kvm_gmem_invalidate_end(file, index, index + 1);
}

/** That fallocate() before populate was an error of it as well is what ended FGP_CREAT_ONLY. */
export const P2early = protocol(P2, {
  id: 'P2-early',
  title: 'kvm-coco-queue, spring of 2024: populate creates the page, or fails (FGP_CREAT_ONLY)',
  lacks: ['KVM_PRE_FAULT_MEMORY', 'KVM_CHECK_EXTENSION'],
  functions: { filemap_create_folio, kvm_gmem_get_folio, kvm_gmem_populate_one },
});
