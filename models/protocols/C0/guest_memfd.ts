import { step, test } from '../../../src/core/index.js';
import { EFAULT } from '../../errno.js';
import { slot_and_file } from '../../flows/conversion.js';
import { clear_highpage, folio_test_uptodate, indexOf } from '../../flows/gmem.js';
import { vmf_error } from '../../flows/gmem_fault.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
  folio_unlock,
} from '../../flows/locks.js';
import { VM_FAULT_SIGBUS } from '../../flows/vm_fault.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { isPrivatePage } from '../../state/attributes.js';
import { pagesIn } from '../../state/folios.js';
import { NONE } from '../../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type Inode,
  type Kvm,
  type Slot,
} from '../../state/structs.js';
import { file_inode } from '../../state/vms.js';

const gmem = from('virt/kvm/guest_memfd.c', 'RFC v2 02/51 (2025-05-14)');

const shareability_get = (inode: Inode, index: number) =>
  test('kvm_gmem_shareability_get() == SHAREABILITY_GUEST', () => isPrivatePage(inode, index));

/** Racy, as its comment says: the tree is locked for the look-up alone. */
export const kvm_gmem_is_private_gfn = gmem(function* kvm_gmem_is_private(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  const found = yield* slot_and_file(k, kvm, gfn);
  if (!found) return false;
  const isPrivate = yield* shareability_get(file_inode(k, k.files[found.file]!), found.index);
  yield* k.fput(k.files[found.file]!);
  return isPrivate;
});

/** The invalidate_lock is held until the page is ready, but its shareability is not asked. */
export const kvm_gmem_get_pfn = gmem(
  function* kvm_gmem_get_pfn(k: Kernel, kvm: Kvm, slot: Slot, gfn: number) {
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    const file = yield* k.kvm_gmem_get_file(slot);
    if (file === NONE) return -EFAULT;
    const inode = file_inode(k, k.files[file]!);
    yield* filemap_invalidate_lock_shared(inode);
    const [number, isPrepared] = yield* k.__kvm_gmem_get_pfn(k.files[file]!, slot, index, false);
    const folio = k.folios[number];
    let r = number;
    if (folio) {
      const failed = isPrepared
        ? 0
        : yield* k.kvm_gmem_prepare_folio(kvm, inode, slot, index, folio);
      yield* folio_unlock(folio);
      if (failed) yield* k.folio_put(folio);
      r = failed || number;
    }
    yield* filemap_invalidate_unlock_shared(inode);
    yield* k.fput(k.files[file]!);
    return r;
  },
  [FOLIO_REF],
);

/** All of it under the invalidate_lock; what is marked prepared has seen no firmware. */
export const kvm_gmem_fault_user_mapping = gmem(
  function* kvm_gmem_fault_shared(k: Kernel, inode: Inode, index: number) {
    if (index >= k.shape.pages) return VM_FAULT_SIGBUS;
    yield* filemap_invalidate_lock_shared(inode);
    const isPrivate = yield* shareability_get(inode, index);
    const number = isPrivate ? NONE : yield* k.kvm_gmem_get_folio(inode, index, false);
    const folio = k.folios[number];
    const refused = isPrivate || (folio && (yield* isLarge(k, folio)));
    if (folio && refused) {
      yield* folio_unlock(folio);
      yield* k.folio_put(folio);
    } else if (folio && !(yield* folio_test_uptodate(folio))) {
      yield* clear_highpage(folio);
      yield* k.kvm_gmem_mark_prepared(folio);
    }
    yield* filemap_invalidate_unlock_shared(inode);
    if (refused) return VM_FAULT_SIGBUS;
    return folio ? number : vmf_error(number);
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** No question where all folios are small. */
function* isLarge(k: Kernel, folio: Folio) {
  if (!k.shape.huge) return false;
  return yield* test('WARN_ON_ONCE(folio_test_large(folio))', () => pagesIn(folio) > 1);
}
