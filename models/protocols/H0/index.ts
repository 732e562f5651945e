import * as folios from '../../flows/huge_folios.js';
import * as truncate from '../../flows/huge_truncate.js';
import * as map from '../../flows/tdx/huge/map.js';
import * as sept from '../../flows/tdx/huge/sept.js';
import * as zap from '../../flows/tdx/huge/zap.js';
import type { Implementations } from '../../functions.js';
import { protocol } from '../../protocol.js';
import { C0 } from '../C0/index.js';
import { P7 } from '../P7.js';
import { kvm_gmem_convert_range } from './convert.js';
import * as gmem from './guest_memfd.js';
import * as invalidate from './invalidate.js';
import { kvm_gmem_populate_one } from './populate.js';

/** What the series stands on besides: TDX, its S-EPT without references to pages (06/23). */
const tdxOf = (f: Implementations): Partial<Implementations> => ({
  kvm_tdp_map_page: f.kvm_tdp_map_page,
  kvm_arch_vcpu_pre_fault_memory: f.kvm_arch_vcpu_pre_fault_memory,
  kvm_mmu_reload: f.kvm_mmu_reload,
  post_populate: f.post_populate,
  vcpu_run: f.vcpu_run,
  tdp_mmu_zap_mirror_leaf: f.tdp_mmu_zap_mirror_leaf,
  tdx_handle_ept_violation: f.tdx_handle_ept_violation,
  tdx_mem_page_aug: f.tdx_mem_page_aug,
  tdx_mem_page_add: f.tdx_mem_page_add,
  tdx_track: f.tdx_track,
  tdx_no_vcpus_enter_start: f.tdx_no_vcpus_enter_start,
  kvm_tdp_mmu_map_private_pfn: f.kvm_tdp_mmu_map_private_pfn,
  tdx_vcpu_init_mem_region: f.tdx_vcpu_init_mem_region,
  tdx_vm_ioctl: f.tdx_vm_ioctl,
  tdx_td_finalize: f.tdx_td_finalize,
  tdx_vcpu_init: f.tdx_vcpu_init,
  tdx_td_vcpu_init: f.tdx_td_vcpu_init,
});

/** Huge pages, huge leaves, and nobody who splits one: what the series would be without its split. */
export const H0 = protocol(C0, {
  id: 'H0',
  title: 'guest_memfd of 2M and 1G pages (2025-05) under TDX with 2M leaves, none of them split',
  kinds: ['sw', 'snp', 'tdx'],
  septHoldsPages: false,
  hugePages: ['tdx'],
  functions: {
    ...tdxOf(P7.functions as unknown as Implementations),
    kvm_gmem_get_folio: gmem.kvm_gmem_get_folio,
    filemap_lock_folio: (P7.functions as unknown as Implementations).filemap_lock_folio,
    kvm_gmem_prepare_folio: gmem.kvm_gmem_prepare_folio,
    kvm_gmem_get_pfn: gmem.kvm_gmem_get_pfn,
    kvm_release_pfn_clean: gmem.kvm_release_pfn_clean,
    kvm_gmem_allocate: gmem.kvm_gmem_allocate,
    kvm_gmem_populate_one,
    kvm_gmem_invalidate_begin: invalidate.kvm_gmem_invalidate_begin,
    kvm_gmem_invalidate_begin_and_zap: invalidate.kvm_gmem_invalidate_begin_and_zap,
    kvm_gmem_zap: invalidate.kvm_gmem_zap,
    kvm_gmem_unmap_private: gmem.kvm_gmem_unmap_private,
    kvm_gmem_punch_hole: invalidate.kvm_gmem_punch_hole,
    kvm_gmem_release: invalidate.kvm_gmem_release,
    kvm_gmem_error_folio: invalidate.kvm_gmem_error_folio,
    kvm_gmem_truncate_inode_range: truncate.kvm_gmem_truncate_inode_range,
    kvm_gmem_zero_range: truncate.kvm_gmem_zero_range,
    __kvm_gmem_set_attributes: kvm_gmem_convert_range,
    kvm_gmem_convert_should_proceed: gmem.kvm_gmem_convert_should_proceed,
    kvm_gmem_restructure_folios_in_range: folios.kvm_gmem_restructure_folios_in_range,
    kvm_tdp_mmu_map: map.kvm_tdp_mmu_map,
    set_external_spte_present: map.set_external_spte_present,
    link_external_spt: map.link_external_spt,
    kvm_unmap_gfn_range: zap.kvm_unmap_gfn_range,
    set_external_spte: sept.tdx_sept_set_private_spte,
    remove_external_spte: sept.tdx_sept_remove_private_spte,
    tdx_sept_link_private_spt: sept.tdx_sept_link_private_spt,
    split_external_spt_shared: sept.split_external_spt_shared,
  },
});
