import type { Kernel } from '../kernel.js';
import type { Invariant } from '../scenario.js';
import { isPrivatePage } from '../state/attributes.js';
import { isInitShared } from '../state/flags.js';
import { NONE } from '../state/shape.js';
import { isBackedOnce } from './backings.js';
import type { Inode } from '../state/structs.js';

export const S8: Invariant = {
  id: 'S8',
  statement:
    "the VMM's mapping has a PTE only for the folio that the filemap has at that " +
    'page, and only where the memory is shared and no S-EPT entry maps it any more; nor is ' +
    'private memory pinned through it; no gfn is mapped to two pages at once, and no page of ' +
    'guest_memfd at two gfns of a VM',
  source: 'virt/kvm/guest_memfd.c, kvm_gmem_fault_user_mapping(), __kvm_gmem_set_attributes()',
  byDefault: true,
  applies: () => true,
  holds: (k) =>
    k.inodes.every((inode) => mapsSharedOnly(k, inode) && pinsSharedOnly(k, inode)) &&
    k.kvms.every((kvm) => isBackedOnce(k, kvm)),
};

function mapsSharedOnly(k: Kernel, inode: Inode): boolean {
  for (let i = 0; i < inode.host_ptes.length; i++) {
    const folio = inode.host_ptes.load(i);
    if (folio === NONE) continue;
    if (!isShared(k, inode, i) || inode.i_pages.load(i) !== folio) return false;
    if (isInSept(k, folio)) return false;
  }
  return true;
}

function pinsSharedOnly(k: Kernel, inode: Inode): boolean {
  for (let i = 0; i < inode.host_ptes.length; i++) {
    const folio = k.folios[inode.i_pages.load(i)];
    if (folio && folio.pincount.load(0) > 0 && !isShared(k, inode, i)) return false;
  }
  return true;
}

/** Blocked or not: until TDH.MEM.PAGE.REMOVE has succeeded the page is the TD's. */
function isInSept(k: Kernel, folio: number): boolean {
  for (const { sept_pfn } of k.kvm_tdx)
    for (let gfn = 0; gfn < k.shape.gfns; gfn++) if (sept_pfn.load(gfn) === folio) return true;
  return false;
}

const isShared = (k: Kernel, inode: Inode, index: number): boolean =>
  k.shape.inodeAttributes
    ? !isPrivatePage(inode, index)
    : isInitShared(k.shape, k.inodes.indexOf(inode));
