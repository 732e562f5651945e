import * as pamt from '../../flows/tdx/huge/pamt.js';
import * as sept from '../../flows/tdx/huge/sept.js';
import * as split from '../../flows/tdx/huge/split.js';
import { tdx_handle_ept_violation } from '../../flows/tdx/huge/violation.js';
import { protocol } from '../../protocol.js';
import { H0 } from '../H0/index.js';
import * as gmem from './guest_memfd.js';

/** Leaves that a hole, a conversion or the guest's own ACCEPT cuts are split before that. */
export const H1 = protocol(H0, {
  id: 'H1',
  title: 'TDX huge pages, RFC v2 (2025-08): leaves that cross the boundary of a zap are split',
  functions: {
    kvm_gmem_split_private: gmem.kvm_gmem_split_private,
    kvm_gmem_punch_hole: gmem.kvm_gmem_punch_hole,
    kvm_gmem_release: gmem.kvm_gmem_release,
    kvm_gmem_error_folio: gmem.kvm_gmem_error_folio,
    kvm_gmem_convert_should_proceed: gmem.kvm_gmem_convert_should_proceed,
    kvm_split_cross_boundary_leafs: split.kvm_split_cross_boundary_leafs,
    tdp_mmu_split_huge_pages_root: split.tdp_mmu_split_huge_pages_root,
    tdp_mmu_split_huge_page: split.tdp_mmu_split_huge_page,
    tdx_sept_split_private_spt: sept.tdx_sept_split_private_spt,
    tdx_check_accept_level: split.tdx_check_accept_level,
    need_topup_external_split_cache: pamt.need_topup_mirror_caches,
    topup_external_split_cache: pamt.topup_mirror_caches,
    tdx_handle_ept_violation,
  },
});
