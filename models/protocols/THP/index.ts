import { kvm_zap_gfn_range, sev_handle_rmp_fault } from '../../flows/rmp_fault.js';
import * as sev from '../../flows/sev_thp.js';
import * as map from '../../flows/thp_map.js';
import * as truncate from '../../flows/thp_truncate.js';
import { protocol } from '../../protocol.js';
import { kvm_release_pfn_clean } from '../H0/guest_memfd.js';
import { P4 } from '../P4.js';
import * as gmem from './guest_memfd.js';

/** Huge folios of the page cache, RMP entries and leaves of 2M, for SNP above all. */
export const THP = protocol(P4, {
  id: 'THP',
  title: '2MB THP support and preparedness tracking, RFC v1 (2024-12), on 6.13',
  hugePages: ['sw', 'snp'],
  functions: {
    kvm_gmem_get_folio: gmem.kvm_gmem_get_folio,
    __kvm_gmem_get_pfn: gmem.__kvm_gmem_get_pfn,
    kvm_gmem_get_pfn: gmem.kvm_gmem_get_pfn,
    kvm_gmem_prepare_folio: gmem.kvm_gmem_prepare_folio,
    kvm_gmem_punch_hole: gmem.kvm_gmem_punch_hole,
    kvm_gmem_allocate: gmem.kvm_gmem_allocate,
    kvm_gmem_populate_one: gmem.kvm_gmem_populate_one,
    kvm_release_pfn_clean,
    truncate_inode_pages_range: truncate.truncate_inode_pages_range,
    truncate_partial: truncate.truncate_partial,
    kvm_tdp_mmu_map: map.kvm_tdp_mmu_map,
    kvm_post_set_memory_attributes: map.kvm_post_set_memory_attributes,
    kvm_arch_gmem_prepare: sev.kvm_arch_gmem_prepare,
    kvm_arch_gmem_invalidate: sev.kvm_arch_gmem_invalidate,
    snp_rmptable_psmash: sev.snp_rmptable_psmash,
    rmpupdate: sev.rmpupdate,
    sev_handle_rmp_fault,
    kvm_zap_gfn_range,
  },
});
