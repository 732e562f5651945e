import { insertHuge } from '../flows/huge_folios.js';
import { setMixed } from '../flows/thp_map.js';
import type { Kernel } from '../kernel.js';
import { isPrivateGfn } from './attributes.js';
import { entryOf, PG_LEVEL_2M } from './leaves.js';
import { isThp, NONE } from './shape.js';
import type { Inode } from './structs.js';
import { NONLEAF_SPTE, SEPT_FREE, SEPT_NONLEAF } from './tdx.js';

/** Pages that are there from the start, as a whole, and all private are huge folios. */
export function placeHuge(k: Kernel): void {
  if (isThp(k.shape)) for (const kvm of k.kvms) setMixed(k, kvm);
  const { folio } = k.shape.huge!;
  for (const inode of k.inodes)
    for (let index = 0; index + folio <= k.shape.pages; index += folio) {
      const first = inode.i_pages.load(index);
      if (!isWhole(inode, index, folio) || (k.kvm_tdx.length > 0 && !isPrivate(k, index, folio)))
        continue;
      const { uptodate } = k.folios[first]!;
      for (const tail of k.folios.slice(first + 1, first + folio)) {
        tail.mapping = NONE;
        tail.index = NONE;
        tail.uptodate = false;
        tail.refcount.shared = 0;
      }
      insertHuge(k, inode, first, index);
      k.folios[first]!.uptodate = uptodate;
      if (isThp(k.shape)) placeThp(k, inode, first, index);
    }
}

function isWhole(inode: Inode, index: number, npages: number): boolean {
  for (let i = index; i < index + npages; i++) if (inode.i_pages.load(i) === NONE) return false;
  return true;
}

/** What is uptodate has been prepared; what is assigned as a whole, by one entry of 2M. */
function placeThp(k: Kernel, inode: Inode, first: number, index: number): void {
  const { leaf } = k.shape.huge!;
  if (k.folios[first]!.uptodate) for (let i = 0; i < leaf; i++) inode.prepared.store(index + i, 1);
  const entries = k.rmp.slice(first, first + leaf);
  if (entries.length > 0 && entries.every((e) => e.assigned)) k.rmp[first]!.large.store(0, 1);
}

function isPrivate(k: Kernel, index: number, npages: number): boolean {
  for (let i = index; i < index + npages; i++)
    if (
      k.shape.inodeAttributes ? k.inodes[0]!.attributes.load(i) !== 1 : !isPrivateGfn(k, k.kvm, i)
    )
      return false;
  return true;
}

/** A leaf of level 2M from the start, or the table that 4K leaves hang in. */
export function placeLeaf(k: Kernel, gfn: number, pfn: number, isHuge: boolean): boolean {
  const { mirror, sept, sept_pfn, index, gfn: base } = entryOf(k, gfn, PG_LEVEL_2M);
  if (!isHuge) {
    mirror.store(index, NONLEAF_SPTE);
    sept.store(index, SEPT_NONLEAF);
    return false;
  }
  if (sept.load(index) !== SEPT_FREE) return true;
  mirror.store(index, pfn - (gfn - base));
  sept_pfn.store(index, pfn - (gfn - base));
  return true;
}
