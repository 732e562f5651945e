import type { Flow } from '../../src/core/index.js';
import type { Folio, GmemFile, Inode, Kvm, Slot, Vcpu } from '../state/structs.js';

/** virt/kvm/guest_memfd.c */
export interface GuestMemfdFunctions {
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
  /** Populate's source, before the invalidate_lock. */
  pin_source(): Flow;
  /** In the callback, where nobody has pinned it before. */
  read_source(): Flow;
  /** Of the CPUID page that the firmware has corrected. */
  write_back_source(): Flow;
  /** The callback: copies the source in and hands it to firmware. */
  post_populate(kvm: Kvm, gfn: number, folio: Folio, value: number, opaque?: Vcpu): Flow<number>;
  /** `max_order`: 1 = the page is in a folio of 2M. */
  kvm_arch_gmem_prepare(kvm: Kvm, gfn: number, page: Folio, max_order?: number): Flow<number>;
  kvm_arch_gmem_invalidate(folio: Folio): Flow;
}
