import type { KernelState } from '../kernel.js';
import { NONE } from './shape.js';
import { ABSENT, type Inode, type Kvm } from './structs.js';
import { file_inode } from './vms.js';

/**
 * Is this gfn private? In whichever place this version keeps it. Where that is the
 * inode, a slot whose file is gone, or dying, has nothing private any more.
 */
export function isPrivateGfn(k: KernelState, kvm: Kvm, gfn: number): boolean {
  if (!k.shape.inodeAttributes) return kvm.mem_attr_array.load(gfn) === 1;
  const slot = k.slots.find(
    ({ base_gfn, npages }, s) =>
      kvm.memslots.load(s) !== ABSENT && base_gfn <= gfn && gfn < base_gfn + npages,
  );
  const file = slot && slot.gmem_file !== NONE ? k.files[slot.gmem_file]! : undefined;
  if (!slot || !file || file.f_count.isZero) return false;
  return isPrivatePage(file_inode(k, file), gfn - slot.base_gfn + slot.gmem_pgoff);
}

/** Is this page of the inode private? */
export const isPrivatePage = (inode: Inode, index: number): boolean =>
  inode.attributes.load(index) === 1;
