import { NONE } from '../state/shape.js';
import { FOLIO_LOCK, FOLIO_REF, type Inode } from '../state/structs.js';
import type { Kernel } from '../kernel.js';
import { filemap_lock_folio } from '../flows/filemap.js';
import { __kvm_set_memory_region } from '../flows/memslots.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { P6 } from './P6.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v6.19 (as in 01f492e1817e)');

/** Looks first whether the folio is there, so as not to look for a NUMA policy. */
const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, _prepare: boolean) {
    const folio = yield* k.filemap_lock_folio(inode, index);
    return folio === NONE ? yield* k.filemap_grab_folio(inode, index) : folio;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

export const P7 = protocol(P6, {
  id: 'P7',
  title: 'Linux 6.19: inodes of their own file system, with a NUMA policy',
  functions: { __kvm_set_memory_region, filemap_lock_folio, kvm_gmem_get_folio },
});
