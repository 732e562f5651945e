import type { Flow } from '../../src/core/index.js';
import type { Folio, Inode } from '../state/structs.js';

/** Of mm, and of the page fault that leads there. */
export interface MmFunctions {
  // mm/filemap.c, mm/truncate.c, mm/swap.c
  filemap_grab_folio(inode: Inode, index: number): Flow<number>;
  filemap_lock_folio(inode: Inode, index: number): Flow<number>;
  filemap_create_folio(inode: Inode, index: number): Flow<number>;
  filemap_remove_folio(inode: Inode, folio: Folio): Flow;
  truncate_inode_pages_range(inode: Inode, start: number, end: number): Flow;
  truncate_first_pass(inode: Inode, start: number, end: number): Flow;
  truncate_edge(inode: Inode, index: number): Flow;
  /** Of huge folios; does the range end in this one? */
  truncate_partial(inode: Inode, index: number, start: number, end: number): Flow<boolean>;
  truncate_second_pass(inode: Inode, start: number, end: number, from: number): Flow;
  folio_put(folio: Folio): Flow;
  truncate_cleanup_folio(inode: Inode, folio: Folio, index: number): Flow;
  unmap_mapping_pages(inode: Inode, start: number, end: number): Flow;
  /** 0 or a VM_FAULT_* */
  do_fault(inode: Inode, index: number): Flow<number>;

  // mm/gup.c, mm/mincore.c
  pin_user_pages_fast(inode: Inode, index: number): Flow<number>;
  /** The folio, pinned, or a negative errno */
  gup_slow(inode: Inode, index: number): Flow<number>;
  /** [0, is it resident] */
  do_mincore(inode: Inode, index: number): Flow<readonly [number, number]>;

  // mm/madvise.c, mm/vma.c, mm/memory.c, of the VMM's own memory behind gfns start to end
  do_madvise(start: number, end: number): Flow<number>;
  do_munmap(start: number, end: number): Flow<number>;
  sys_brk(): Flow<number>;
  zap_page_range_single(start: number, end: number): Flow;

  // arch/x86/mm/fault.c
  /** [0 or SIGBUS, word] */
  exc_page_fault(
    inode: Inode,
    index: number,
    write: boolean,
    value: number,
  ): Flow<readonly [number, number]>;
  do_user_addr_fault(inode: Inode, index: number): Flow<number>;
  /** a_ops->free_folio */
  free_folio(folio: Folio): Flow;

  // mm/memory-failure.c
  memory_failure(inode: Inode, index: number): Flow<number>;
  /** MF_* */
  me_pagecache_clean(inode: Inode, folio: Folio): Flow<number>;
  kvm_gmem_error_folio(inode: Inode, folio: Folio): Flow<number>;
}
