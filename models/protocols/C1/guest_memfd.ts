import { step } from '../../../src/core/index.js';
import { clear_highpage, folio_mark_uptodate, folio_test_uptodate } from '../../flows/gmem.js';
import { getPfnLocked } from '../../flows/gmem_get_pfn.js';
import { vmf_error } from '../../flows/gmem_fault.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
} from '../../flows/locks.js';
import { populateLocked } from '../../flows/populate_locked.js';
import { VM_FAULT_SIGBUS } from '../../flows/vm_fault.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { FOLIO_LOCK, FOLIO_REF, type Inode } from '../../state/structs.js';
import { file_inode } from '../../state/vms.js';
import { is_private_mem } from './attributes.js';

const gmem = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v4 (2026-03-26)');

/** Look-up, attribute and preparation are one against holes and conversions. */
export const kvm_gmem_get_pfn = gmem(
  getPfnLocked(function* cleared(k, { kvm, inode, slot, index, folio }) {
    if (!(yield* folio_test_uptodate(folio))) {
      yield* clear_highpage(folio);
      yield* folio_mark_uptodate(folio);
    }
    if (!(yield* is_private_mem(inode, index))) return 0;
    return yield* k.kvm_gmem_prepare_folio(kvm, inode, slot, index, folio);
  }),
  [FOLIO_REF],
);

/** The attribute is asked of the inode: the lock that kvm_mem_is_private() takes is held. */
export const __kvm_gmem_populate = gmem(
  populateLocked((k, file, index) => is_private_mem(file_inode(k, file), index), true),
);

/** Only the look-up is under the invalidate_lock: from there on the fault has a reference. */
export const kvm_gmem_fault_user_mapping = gmem(
  function* kvm_gmem_fault_user_mapping(k: Kernel, inode: Inode, index: number) {
    const size = yield* step('i_size_read(inode)', () => inode.size);
    if (index >= size) return VM_FAULT_SIGBUS;
    yield* filemap_invalidate_lock_shared(inode);
    const isPrivate = yield* is_private_mem(inode, index);
    const number = isPrivate ? VM_FAULT_SIGBUS : yield* k.kvm_gmem_get_folio(inode, index, false);
    yield* filemap_invalidate_unlock_shared(inode);
    if (number < 0) return isPrivate ? VM_FAULT_SIGBUS : vmf_error(number);
    const folio = k.folios[number]!;
    if (!(yield* folio_test_uptodate(folio))) {
      yield* clear_highpage(folio);
      yield* folio_mark_uptodate(folio);
    }
    return number;
  },
  [FOLIO_LOCK, FOLIO_REF],
);
