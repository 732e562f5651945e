import type { Flow, Returned } from '../src/core/index.js';
import type { KernelFunction } from './source.js';
import type { Folio, GmemFile, Inode, Kvm, Slot, Vcpu } from './state/structs.js';

/**
 * Prototypes of the modelled kernel functions, as a header file has them.
 *
 * Conventions: a folio, pfn or slot that is returned is its number; where the
 * kernel returns an ERR_PTR or an error the value is a negative errno. What the
 * kernel returns through pointers comes back in a tuple.
 */
export interface KernelFunctions {
  // mm/filemap.c, mm/truncate.c, mm/swap.c
  filemap_grab_folio(inode: Inode, index: number): Flow<number>;
  filemap_lock_folio(inode: Inode, index: number): Flow<number>;
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

  // virt/kvm/kvm_main.c
  kvm_flush_remote_tlbs(kvm: Kvm): Flow;
  kvm_mmu_invalidate_begin(kvm: Kvm): Flow;
  kvm_mmu_invalidate_range_add(kvm: Kvm, start: number, end: number): Flow;
  kvm_mmu_invalidate_end(kvm: Kvm): Flow;
  mmu_invalidate_retry_gfn(kvm: Kvm, gfn: number): Flow<boolean>;
  mmu_invalidate_retry_gfn_unsafe(kvm: Kvm, gfn: number): Flow<boolean>;
  gfn_to_memslot(kvm: Kvm, gfn: number, address_space?: number): Flow<number>;
  kvm_set_user_memory_region(
    kvm: Kvm,
    slot: Slot,
    gfn: number,
    npages: number,
    file: GmemFile | undefined,
    pgoff: number,
    flags?: number,
    userspace_addr?: number,
  ): Flow<number>;
  __kvm_set_memory_region(
    kvm: Kvm,
    slot: Slot,
    gfn: number,
    npages: number,
    file: GmemFile | undefined,
    pgoff: number,
    flags?: number,
    userspace_addr?: number,
  ): Flow<number>;
  kvm_create_memslot(kvm: Kvm, slot: Slot): Flow;
  kvm_delete_memslot(kvm: Kvm, slot: Slot): Flow;
  kvm_move_memslot(kvm: Kvm, slot: Slot, gfn: number, flags: number): Flow<number>;
  kvm_free_memslot(kvm: Kvm, slot: Slot): Flow;
  kvm_vm_set_mem_attributes(kvm: Kvm, start: number, end: number, attrs: number): Flow<number>;
  kvm_pre_set_memory_attributes(
    kvm: Kvm,
    start: number,
    end: number,
    slots: number,
    attrs: number,
  ): Flow;
  kvm_post_set_memory_attributes(kvm: Kvm, slots: number): Flow;
  kvm_vm_ioctl_check_extension(kvm: Kvm): Flow<number>;
  kvm_vcpu_pre_fault_memory(vcpu: Vcpu, gfn: number, npages: number): Flow<readonly number[]>;

  kvm_mmu_notifier_invalidate_range_start(kvm: Kvm, start: number, end: number): Flow;
  kvm_mmu_notifier_invalidate_range_end(kvm: Kvm, start: number, end: number): Flow;
  /** pfn, its page referenced, or -EFAULT */
  __gfn_to_pfn_memslot(slot: Slot, gfn: number): Flow<number>;
  hva_to_pfn_slow(page: number): Flow<number>;

  // virt/kvm/guest_memfd.c (virt/kvm/memfd.c in the 2021 series)
  kvm_gmem_create(kvm: Kvm, file: GmemFile, inode: Inode, size: number): Flow<number>;
  kvm_gmem_get_folio(inode: Inode, index: number, prepare: boolean): Flow<number>;
  kvm_gmem_prepare_folio(
    kvm: Kvm,
    inode: Inode,
    slot: Slot,
    index: number,
    folio: Folio,
    /** max_order, as 0 or 1 = 2M */
    order?: number,
  ): Flow<number>;
  __kvm_gmem_prepare_folio(kvm: Kvm, slot: Slot, index: number, folio: Folio): Flow<number>;
  kvm_gmem_mark_prepared(folio: Folio): Flow;
  kvm_gmem_invalidate_begin(file: GmemFile, start: number, end: number, filter?: number): Flow;
  kvm_gmem_invalidate_end(file: GmemFile, start: number, end: number): Flow;
  kvm_gmem_punch_hole(inode: Inode, start: number, end: number): Flow<number>;
  kvm_gmem_allocate(inode: Inode, start: number, end: number): Flow<number>;
  kvm_gmem_fallocate(inode: Inode, mode: number, offset: number, len: number): Flow<number>;
  /** A locked folio (VM_FAULT_LOCKED) or a VM_FAULT_* */
  kvm_gmem_fault_user_mapping(inode: Inode, index: number): Flow<number>;
  kvm_gmem_mmap(file: GmemFile): Flow<number>;
  kvm_gmem_is_private_gfn(kvm: Kvm, gfn: number): Flow<boolean>;
  /** [0 or -errno, index of the page that is in the way] */
  kvm_gmem_set_attributes(
    inode: Inode,
    start: number,
    npages: number,
    attrs: number,
    flags?: number,
  ): Flow<readonly [number, number]>;
  __kvm_gmem_set_attributes(
    inode: Inode,
    start: number,
    end: number,
    attrs: number,
    flags?: number,
  ): Flow<readonly [number, number]>;
  kvm_gmem_content_mode_is_supported(inode: Inode, attrs: number, mode: number): Flow<boolean>;
  kvm_gmem_apply_content_mode(inode: Inode, start: number, end: number, mode: number): Flow;
  /** Index of the first page that somebody else has a reference to, or NONE */
  kvm_gmem_unsafe_page(inode: Inode, start: number, end: number): Flow<number>;
  kvm_gmem_make_shared(inode: Inode, start: number, end: number): Flow;
  kvm_gmem_split_private(file: GmemFile, start: number, end: number): Flow<number>;
  kvm_gmem_invalidate_begin_and_zap(file: GmemFile, start: number, end: number): Flow;
  /** [0 or -errno, index of the page that is in the way] */
  kvm_gmem_convert_should_proceed(
    inode: Inode,
    start: number,
    end: number,
    attrs: number,
  ): Flow<readonly [number, number]>;
  kvm_gmem_convert(
    inode: Inode,
    start: number,
    end: number,
    attrs: number,
  ): Flow<readonly [number, number]>;
  kvm_gmem_zap(file: GmemFile, start: number, end: number, filter: number): Flow;
  kvm_gmem_unmap_private(file: GmemFile, start: number, end: number): Flow;
  kvm_gmem_truncate_inode_range(inode: Inode, start: number, end: number): Flow<number>;
  kvm_gmem_zero_range(inode: Inode, start: number, end: number): Flow;
  kvm_gmem_restructure_folios_in_range(
    inode: Inode,
    start: number,
    end: number,
    split: boolean,
  ): Flow<number>;
  kvm_gmem_release(inode: Inode, file: GmemFile): Flow;
  kvm_gmem_get_file(slot: Slot): Flow<number>;
  kvm_gmem_bind(kvm: Kvm, slot: Slot, file: GmemFile | undefined, pgoff: number): Flow<number>;
  kvm_gmem_prepare_memory_region(kvm: Kvm, slot: Slot, file: GmemFile, pgoff: number): Flow<number>;
  kvm_gmem_commit_memory_region(slot: Slot): Flow<number>;
  kvm_gmem_unbind(slot: Slot): Flow;
  __kvm_gmem_unbind(slot: Slot, file: GmemFile): Flow;
  /** [folio or -errno, is_prepared] */
  __kvm_gmem_get_pfn(
    file: GmemFile,
    slot: Slot,
    index: number,
    prepare: boolean,
  ): Flow<readonly [number, number]>;
  /** pfn or -errno */
  kvm_gmem_get_pfn(kvm: Kvm, slot: Slot, gfn: number): Flow<number>;
  /** `opaque` is for post_populate: the vCPU of KVM_TDX_INIT_MEM_REGION. */
  kvm_gmem_populate(
    kvm: Kvm,
    gfn: number,
    npages: number,
    value: number,
    opaque?: Vcpu,
  ): Flow<number>;
  kvm_gmem_populate_one(
    slot: Slot,
    file: GmemFile,
    index: number,
    gfn: number,
    value: number,
    opaque?: Vcpu,
  ): Flow<number>;
  __kvm_gmem_populate(
    slot: Slot,
    file: GmemFile,
    gfn: number,
    value: number,
    opaque?: Vcpu,
  ): Flow<number>;
  /** post_populate callback: copies the source in and hands it to firmware. */
  post_populate(kvm: Kvm, gfn: number, folio: Folio, value: number, opaque?: Vcpu): Flow<number>;
  /** `max_order`: 1 = the page is in a folio of 2M. */
  kvm_arch_gmem_prepare(kvm: Kvm, gfn: number, page: Folio, max_order?: number): Flow<number>;
  kvm_arch_gmem_invalidate(folio: Folio): Flow;
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

  // fs/file_table.c
  fput(file: GmemFile): Flow;
  close_fd(file: GmemFile): Flow<number>;
  task_work_run(): Flow;
  __fput(inode: Inode, file: GmemFile): Flow;
  vfs_fallocate(file: GmemFile, mode: number, offset: number, len: number): Flow<number>;

  // arch/x86/kvm
  kvm_arch_vcpu_ioctl_run(
    vcpu: Vcpu,
    gfn: number,
    write: boolean,
    value: number,
    isPrivate: boolean,
    /** Level of the page that a TD's guest accepts. */
    accept?: number,
  ): Flow<readonly number[]>;
  vcpu_run(
    vcpu: Vcpu,
    gfn: number,
    write: boolean,
    value: number,
    isPrivate: boolean,
    /** Level of the page that a TD's guest accepts. */
    accept?: number,
  ): Flow<readonly [number, number]>;
  /** `rsvd`: the walk met reserved bits, that is an MMIO SPTE. */
  kvm_mmu_page_fault(
    vcpu: Vcpu,
    gfn: number,
    write: boolean,
    isPrivate: boolean,
    rsvd?: boolean,
  ): Flow<number>;
  handle_mmio_page_fault(kvm: Kvm, gfn: number): Flow<number>;
  kvm_mmu_do_page_fault(
    vcpu: Vcpu,
    gfn: number,
    isPrivate: boolean,
    prefetch: boolean,
  ): Flow<number>;
  kvm_tdp_mmu_page_fault(
    vcpu: Vcpu,
    slot: number,
    gfn: number,
    isPrivate: boolean,
    prefetch: boolean,
  ): Flow<number>;
  /** [RET_PF_* or -errno, pfn] */
  kvm_faultin_pfn(
    vcpu: Vcpu,
    slot: number,
    gfn: number,
    isPrivate: boolean,
    prefetch: boolean,
  ): Flow<readonly [number, number]>;
  kvm_faultin_pfn_private(
    vcpu: Vcpu,
    slot: Slot,
    gfn: number,
    isPrivate: boolean,
  ): Flow<readonly [number, number]>;
  kvm_release_pfn_clean(pfn: number): Flow;
  is_page_fault_stale(vcpu: Vcpu, slot: number, gfn: number): Flow<boolean>;
  /** `writable`: fault->map_writable, where slots have flags. */
  kvm_tdp_mmu_map(
    kvm: Kvm,
    gfn: number,
    pfn: number,
    isPrivate: boolean,
    writable?: boolean,
  ): Flow<number>;
  /** `filter`: KVM_FILTER_*; all roots without it. */
  /** Is a flush due before mmu_lock is dropped? */
  kvm_unmap_gfn_range(kvm: Kvm, start: number, end: number, filter?: number): Flow<number>;
  kvm_arch_flush_shadow_memslot(kvm: Kvm, slot: Slot): Flow;
  kvm_arch_vcpu_pre_fault_memory(vcpu: Vcpu, gfn: number): Flow<number>;
  kvm_mmu_reload(vcpu: Vcpu): Flow;
  kvm_tdp_map_page(vcpu: Vcpu, gfn: number, isPrivate: boolean): Flow<number>;
  kvm_mmu_prepare_memory_fault_exit(vcpu: Vcpu, isPrivate: boolean): Flow;
  snp_launch_update(kvm: Kvm, gfn: number, npages: number, value: number): Flow<readonly number[]>;
  snp_launch_finish(kvm: Kvm): Flow<number>;
  /** 0, or that it failed */
  snp_rmptable_psmash(pfn: number): Flow<number>;
  rmpupdate(pfn: number, level: number): Flow<void>;
  sev_handle_rmp_fault(vcpu: Vcpu, gfn: number): Flow;
  kvm_zap_gfn_range(kvm: Kvm, start: number, end: number): Flow;

  // arch/x86/kvm/mmu/tdp_mmu.c where there is a mirror root
  set_external_spte_present(kvm: Kvm, gfn: number, pfn: number, level?: number): Flow<number>;
  tdp_mmu_zap_mirror_leaf(kvm: Kvm, gfn: number): Flow;
  /** kvm_x86_ops.set_external_spte and .remove_external_spte */
  set_external_spte(kvm: Kvm, gfn: number, pfn: number, level?: number): Flow<number>;
  remove_external_spte(kvm: Kvm, gfn: number, pfn: number, level?: number): Flow<number>;
  /** Huge leaves: from RFC v2 of "TDX huge page support" on. 0 or -errno */
  kvm_split_cross_boundary_leafs(kvm: Kvm, start: number, end: number): Flow<number>;
  tdp_mmu_split_huge_pages_root(kvm: Kvm, gfn: number, allocated?: boolean): Flow<number>;
  tdp_mmu_split_huge_page(kvm: Kvm, gfn: number): Flow<number>;
  /** With Dynamic PAMT: the cache that splits take from, and its filling. */
  need_topup_external_split_cache(): Flow<boolean>;
  topup_external_split_cache(): Flow<number>;
  link_external_spt(kvm: Kvm, gfn: number): Flow<number>;
  tdx_sept_link_private_spt(kvm: Kvm, gfn: number): Flow<number>;
  split_external_spt_shared(kvm: Kvm, gfn: number): Flow<number>;
  /** kvm_x86_ops.split_external_spt */
  tdx_sept_split_private_spt(kvm: Kvm, gfn: number): Flow<number>;
  tdx_check_accept_level(vcpu: Vcpu, gfn: number, level: number): Flow<number>;
  kvm_tdp_mmu_map_private_pfn(vcpu: Vcpu, gfn: number, pfn: number): Flow<number>;

  // arch/x86/kvm/vmx/tdx.c
  tdx_handle_ept_violation(
    vcpu: Vcpu,
    gfn: number,
    isPrivate: boolean,
    isPending: boolean,
    /** The level of the ACCEPT that has exited; 0 = none has. */
    acceptLevel?: number,
  ): Flow<number>;
  tdx_mem_page_aug(gfn: number, pfn: number, level?: number): Flow<number>;
  tdx_mem_page_add(kvm: Kvm, gfn: number, pfn: number): Flow<number>;
  tdx_mem_page_record_premap_cnt(kvm: Kvm): Flow<number>;
  tdx_sept_zap_private_spte(gfn: number, pfn: number): Flow<number>;
  tdx_sept_drop_private_spte(gfn: number, pfn: number): Flow<number>;
  tdx_track(kvm: Kvm): Flow;
  tdx_no_vcpus_enter_start(): Flow;
  /** [ret, pages done] */
  tdx_vcpu_init_mem_region(
    vcpu: Vcpu,
    gfn: number,
    npages: number,
    value: number,
  ): Flow<readonly number[]>;
  tdx_vm_ioctl(kvm: Kvm): Flow<number>;
  tdx_td_finalize(kvm: Kvm): Flow<number>;
  tdx_vcpu_init(vcpu: Vcpu): Flow<number>;
  tdx_td_vcpu_init(vcpu: Vcpu): Flow<number>;
}

/** Each prototype as a function that takes the kernel first. */
export type Implementations = {
  [N in keyof KernelFunctions]: KernelFunctions[N] extends (...args: infer A) => Flow<infer T>
    ? [T] extends [Returned]
      ? KernelFunction<A, T>
      : never
    : never;
};
