import type { Flow } from '../../src/core/index.js';
import type { Kvm, Vcpu } from '../state/structs.js';

/** Of TDX: the mirror root, and the module behind it. */
export interface TdxFunctions {
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
