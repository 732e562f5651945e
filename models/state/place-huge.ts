import { insertHuge } from '../flows/huge_folios.js';
import type { Kernel } from '../kernel.js';
import { isPrivateGfn } from './attributes.js';
import { entryOf, PG_LEVEL_2M } from './leaves.js';
import { NONE } from './shape.js';
import { NONLEAF_SPTE, SEPT_FREE, SEPT_NONLEAF } from './tdx.js';

/** Pages that are there from the start and all private are huge folios. */
export function placeHuge(k: Kernel): void {
  const { folio } = k.shape.huge!;
  for (const inode of k.inodes)
    for (let index = 0; index + folio <= k.shape.pages; index += folio) {
      const first = inode.i_pages.load(index);
      if (first === NONE || !isPrivate(k, index, folio)) continue;
      const { uptodate } = k.folios[first]!;
      for (const tail of k.folios.slice(first + 1, first + folio)) {
        tail.mapping = NONE;
        tail.index = NONE;
        tail.uptodate = false;
        tail.refcount.shared = 0;
      }
      insertHuge(k, inode, first, index);
      k.folios[first]!.uptodate = uptodate;
    }
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
