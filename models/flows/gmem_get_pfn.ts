import { step, type Flow } from '../../src/core/index.js';
import { EFAULT } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { folio_file_pfn } from '../state/folios.js';
import { NONE } from '../state/shape.js';
import type { Folio, Inode, Kvm, Slot } from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { indexOf } from './gmem.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
  folio_unlock,
} from './locks.js';

/** The page that a fault has looked up: its folio is locked. */
export interface Found {
  readonly kvm: Kvm;
  readonly inode: Inode;
  readonly slot: Slot;
  readonly index: number;
  readonly folio: Folio;
  /** What __kvm_gmem_get_pfn() gives beside the folio: is it prepared, or how large? */
  readonly beside: number;
}

/**
 * kvm_gmem_get_pfn() of every series that takes the invalidate_lock in a fault: from the look-up
 * to behind what is to be done with the page before it can be mapped. What that is they differ in.
 * @returns the pfn of the gfn's own page, which may be a tail of its folio
 */
export const getPfnLocked = (makeReady: (k: Kernel, found: Found) => Flow<number>) =>
  function* kvm_gmem_get_pfn(k: Kernel, kvm: Kvm, slot: Slot, gfn: number) {
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    const file = yield* k.kvm_gmem_get_file(slot);
    if (file === NONE) return -EFAULT;
    const inode = file_inode(k, k.files[file]!);
    yield* filemap_invalidate_lock_shared(inode);
    const [number, beside] = yield* k.__kvm_gmem_get_pfn(k.files[file]!, slot, index, false);
    const folio = k.folios[number];
    let r = number;
    if (folio) {
      const failed = yield* makeReady(k, { kvm, inode, slot, index, folio, beside });
      yield* folio_unlock(folio);
      if (failed) yield* k.folio_put(folio);
      r = failed || folio_file_pfn(k.shape, number, index);
    }
    yield* filemap_invalidate_unlock_shared(inode);
    yield* k.fput(k.files[file]!);
    return r;
  };
