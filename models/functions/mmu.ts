import type { Flow } from '../../src/core/index.js';
import type { Kvm, Slot, Vcpu } from '../state/structs.js';

/** arch/x86/kvm/mmu */
export interface MmuFunctions {
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
  /**
   * Is a flush due before mmu_lock is dropped?
   * `filter`: KVM_FILTER_*; all roots without it.
   */
  kvm_unmap_gfn_range(kvm: Kvm, start: number, end: number, filter?: number): Flow<number>;
  kvm_arch_flush_shadow_memslot(kvm: Kvm, slot: Slot): Flow;
  /** `isAlias`: the gfn has a bit that makes it shared (kvm_is_gfn_alias(), TDX). */
  kvm_arch_vcpu_pre_fault_memory(
    vcpu: Vcpu,
    gfn: number,
    isAlias?: boolean,
    npages?: number,
  ): Flow<number>;
  kvm_mmu_reload(vcpu: Vcpu): Flow;
  kvm_tdp_map_page(vcpu: Vcpu, gfn: number, isPrivate: boolean): Flow<number>;
  kvm_mmu_prepare_memory_fault_exit(vcpu: Vcpu, isPrivate: boolean): Flow;
  kvm_zap_gfn_range(kvm: Kvm, start: number, end: number): Flow;
}
