import type { Flow } from '../../src/core/index.js';
import type { Folio, GmemFile, Inode, Kvm, Slot } from '../state/structs.js';

/** virt/kvm/memfd.c and mm/shmem.c, in the 2021 series. */
export interface MemfdFunctions {
  /** 2021: pfn or -errno */
  kvm_memfd_get_pfn(slot: Slot, gfn: number): Flow<number>;
  kvm_memfd_put_pfn(pfn: number): Flow;
  kvm_memfd_get_lock_pfn(slot: Slot, gfn: number): Flow<number>;
  kvm_memfd_invalidate_range(file: GmemFile, index: number): Flow;
  kvm_map_gfn_range(kvm: Kvm, gfn: number): Flow;
  shmem_getpage(inode: Inode, index: number): Flow<number>;
  shmem_fallocate(inode: Inode, mode: number, offset: number, len: number): Flow<number>;
  shmem_fallocate_locked(inode: Inode, mode: number, offset: number, end: number): Flow<number>;
  shmem_undo_range(inode: Inode, start: number, end: number): Flow;
  shmem_undo_page(inode: Inode, folio: Folio, index: number): Flow;
  shmem_undo_rest(inode: Inode, start: number, end: number, from: number): Flow;
}
