import * as split from '../../flows/tdx/huge/split_v3.js';
import { tdx_handle_ept_violation_v3 } from '../../flows/tdx/huge/violation.js';
import { protocol } from '../../protocol.js';
import { C2 } from '../C2.js';
import type { Implementations } from '../../functions.js';
import { H1 } from '../H1/index.js';
import { __kvm_gmem_set_attributes, kvm_gmem_convert, kvm_gmem_restructure } from './convert.js';
import * as gmem from './guest_memfd.js';

const { kvm_gmem_is_private_gfn } = C2.functions as unknown as Implementations;

/**
 * Holes of whole huge pages only; a conversion goes from one huge page to the next, without
 * a roll-back. The attribute is read as C2 does.
 */
export const H2 = protocol(H1, {
  id: 'H2',
  title: 'TDX huge pages v3 (2026-01) on guest_memfd by hugetlb (wip, 2025-12): aligned holes',
  functions: {
    kvm_gmem_is_private_gfn,
    kvm_gmem_fallocate: gmem.kvm_gmem_fallocate,
    kvm_gmem_punch_hole: gmem.kvm_gmem_punch_hole,
    kvm_gmem_unsafe_page: gmem.kvm_gmem_unsafe_page,
    kvm_gmem_get_pfn: gmem.kvm_gmem_get_pfn,
    __kvm_gmem_set_attributes,
    kvm_gmem_convert,
    kvm_gmem_restructure_folios_in_range: kvm_gmem_restructure,
    kvm_split_cross_boundary_leafs: split.kvm_split_cross_boundary_leafs,
    need_topup_external_split_cache: split.tdx_need_topup_vm_split_cache,
    topup_external_split_cache: split.tdx_topup_vm_split_cache,
    tdx_sept_split_private_spt: split.tdx_sept_split_private_spte,
    tdx_handle_ept_violation: tdx_handle_ept_violation_v3,
  },
});
