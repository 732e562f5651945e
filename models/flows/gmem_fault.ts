import { step, test } from '../../src/core/index.js';
import { EBADF, ENODEV, ENOMEM } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { isInitShared, supportsMmap } from '../state/flags.js';
import { FILE_REF, FOLIO_LOCK, FOLIO_REF, type GmemFile, type Inode } from '../state/structs.js';
import { fget } from './files.js';
import { clear_highpage, folio_mark_uptodate, folio_test_uptodate } from './gmem.js';
import * as host from './host.js';
import { VM_FAULT_OOM, VM_FAULT_SIGBUS } from './vm_fault.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v6.18, read in v6.19');

/**
 * Folio lock only: a hole may be punched around it. One flag for the whole
 * inode says whether the host may map it. A folio lock is waited for, so the
 * -EAGAIN that the function turns into VM_FAULT_RETRY never comes.
 */
export const kvm_gmem_fault_user_mapping = gmem(
  function* kvm_gmem_fault_user_mapping(k: Kernel, inode: Inode, index: number) {
    const size = yield* step('i_size_read(inode)', () => inode.size);
    if (index >= size) return VM_FAULT_SIGBUS;
    const file = k.inodes.indexOf(inode);
    const flagged = () => isInitShared(k.shape, file);
    if (!(yield* test('flags & GUEST_MEMFD_FLAG_INIT_SHARED', flagged))) return VM_FAULT_SIGBUS;
    const number = yield* k.kvm_gmem_get_folio(inode, index, false);
    if (number < 0) return vmf_error(number);
    const folio = k.folios[number]!;
    if (!(yield* folio_test_uptodate(folio))) {
      yield* clear_highpage(folio);
      yield* folio_mark_uptodate(folio);
    }
    return number;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** include/linux/mm.h */
export const vmf_error = (err: number): number =>
  err === -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;

/** mmap(MAP_SHARED): the mapping has a reference to the file, and so keeps its slots bound. */
export const kvm_gmem_mmap = gmem(
  function* kvm_gmem_mmap(k: Kernel, file: GmemFile) {
    if (!(yield* fget(file))) return -EBADF;
    const can = yield* test('kvm_gmem_supports_mmap(inode)', () =>
      supportsMmap(k.shape, k.files.indexOf(file)));
    if (can) yield* step('vma->vm_file = get_file(file)', () => void file.f_count.shared++);
    yield* k.fput(file);
    return can ? 0 : -ENODEV;
  },
  [FILE_REF],
);

/** What a guest_memfd that the host can map brings along. */
export const hostMappings = {
  exc_page_fault: host.exc_page_fault,
  do_user_addr_fault: host.do_user_addr_fault,
  do_fault: host.do_fault,
  unmap_mapping_pages: host.unmap_mapping_pages,
  truncate_cleanup_folio: host.truncate_cleanup_folio,
  kvm_gmem_fault_user_mapping,
  kvm_gmem_mmap,
};
