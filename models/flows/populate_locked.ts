import { step, type Flow } from '../../src/core/index.js';
import { EINVAL } from '../errno.js';
import type { Kernel } from '../kernel.js';
import type { GmemFile, Slot, Vcpu } from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { folio_mark_uptodate, indexOf } from './gmem.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock, folio_unlock } from './locks.js';
import { kvm_mem_is_private } from './mmu.js';

/** Is what is to be populated private? */
type Asks = (k: Kernel, file: GmemFile, index: number, gfn: number) => Flow<boolean>;

export const asksTheVm: Asks = (k, file, _index, gfn) => kvm_mem_is_private(k, file.kvm, gfn);

/** __kvm_gmem_populate() since 7.0: a page at a time, each under the invalidate_lock. */
export const populateLocked = (asks: Asks, marksUptodate: boolean) =>
  function* __kvm_gmem_populate(
    k: Kernel,
    slot: Slot,
    file: GmemFile,
    gfn: number,
    value: number,
    opaque?: Vcpu,
  ) {
    const inode = file_inode(k, file);
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    yield* filemap_invalidate_lock(inode);
    const [number] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
    const folio = k.folios[number];
    let r = number;
    if (folio) {
      yield* folio_unlock(folio);
      const isPrivate = yield* asks(k, file, index, gfn);
      r = isPrivate ? yield* k.post_populate(file.kvm, gfn, folio, value, opaque) : -EINVAL;
      if (r === 0 && marksUptodate) yield* folio_mark_uptodate(folio);
      yield* k.folio_put(folio);
    }
    yield* filemap_invalidate_unlock(inode);
    return r;
  };
