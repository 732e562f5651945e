import { step } from '../../../src/core/index.js';
import { EFAULT, EINVAL } from '../../errno.js';
import {
  clear_highpage,
  folio_mark_uptodate,
  folio_test_uptodate,
  indexOf,
} from '../../flows/gmem.js';
import { vmf_error } from '../../flows/gmem_fault.js';
import {
  filemap_invalidate_lock,
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock,
  filemap_invalidate_unlock_shared,
  folio_unlock,
} from '../../flows/locks.js';
import { VM_FAULT_SIGBUS } from '../../flows/vm_fault.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../../state/structs.js';
import { file_inode } from '../../state/vms.js';
import { is_private_mem } from './attributes.js';

const gmem = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v4 (2026-03-26)');

/** Look-up, attribute and preparation are one against holes and conversions. */
export const kvm_gmem_get_pfn = gmem(
  function* kvm_gmem_get_pfn(k: Kernel, kvm: Kvm, slot: Slot, gfn: number) {
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    const file = yield* k.kvm_gmem_get_file(slot);
    if (file === NONE) return -EFAULT;
    const inode = file_inode(k, k.files[file]!);
    yield* filemap_invalidate_lock_shared(inode);
    const [number] = yield* k.__kvm_gmem_get_pfn(k.files[file]!, slot, index, false);
    const folio = k.folios[number];
    const r = folio ? yield* makeUsable(k, kvm, inode, slot, index, folio) : number;
    yield* filemap_invalidate_unlock_shared(inode);
    yield* k.fput(k.files[file]!);
    return r;
  },
  [FOLIO_REF],
);

function* makeUsable(k: Kernel, kvm: Kvm, inode: Inode, slot: Slot, index: number, folio: Folio) {
  if (!(yield* folio_test_uptodate(folio))) {
    yield* clear_highpage(folio);
    yield* folio_mark_uptodate(folio);
  }
  const isPrivate = yield* is_private_mem(inode, index);
  const failed = isPrivate ? yield* k.kvm_gmem_prepare_folio(kvm, inode, slot, index, folio) : 0;
  yield* folio_unlock(folio);
  if (failed) yield* k.folio_put(folio);
  return failed || k.folios.indexOf(folio);
}

/** The attribute is asked of the inode: the lock that kvm_mem_is_private() takes is held. */
export const __kvm_gmem_populate = gmem(function* __kvm_gmem_populate(
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
    const isPrivate = yield* is_private_mem(inode, index);
    r = isPrivate ? yield* k.post_populate(file.kvm, gfn, folio, value, opaque) : -EINVAL;
    if (r === 0) yield* folio_mark_uptodate(folio);
    yield* k.folio_put(folio);
  }
  yield* filemap_invalidate_unlock(inode);
  return r;
});

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
