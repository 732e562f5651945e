import {
  __kvm_gmem_set_attributes,
  kvm_gmem_make_shared,
  kvm_gmem_set_attributes_modes,
} from '../../flows/conversion.js';
import * as modes from '../../flows/content_modes.js';
import { do_mincore, gup_slow, pin_user_pages_fast } from '../../flows/gup.js';
import { kvm_gmem_unsafe_page, kvm_gmem_unsafe_page_drained } from '../../flows/references.js';
import { protocol } from '../../protocol.js';
import { P8 } from '../P8.js';
import { kvm_gmem_is_private_gfn } from './attributes.js';
import {
  __kvm_gmem_populate,
  kvm_gmem_fault_user_mapping,
  kvm_gmem_get_pfn,
} from './guest_memfd.js';
import { invalidate_both, invalidate_present } from './invalidate.js';

/** The first posting that has all of it: attributes in the inode, under its invalidate_lock. */
export const C1v4 = protocol(P8, {
  id: 'C1v4',
  title: 'in-place conversion, RFC v4 (2026-03): attributes in the inode, set through its file',
  lacks: ['KVM_SET_MEMORY_ATTRIBUTES'],
  functions: {
    kvm_gmem_is_private_gfn,
    kvm_gmem_get_pfn,
    __kvm_gmem_populate,
    kvm_gmem_invalidate_begin: invalidate_both,
    kvm_gmem_fault_user_mapping,
    kvm_gmem_set_attributes: kvm_gmem_set_attributes_modes,
    __kvm_gmem_set_attributes,
    kvm_gmem_content_mode_is_supported: modes.supports_v4,
    kvm_gmem_apply_content_mode: modes.apply_v4,
    kvm_gmem_unsafe_page,
    kvm_gmem_make_shared,
    pin_user_pages_fast,
    gup_slow,
    do_mincore,
  },
});

export const C1 = protocol(C1v4, {
  id: 'C1',
  title: 'in-place conversion v6 (2026-05): per-CPU batches are drained before it gives up',
  functions: {
    kvm_gmem_invalidate_begin: invalidate_present,
    kvm_gmem_content_mode_is_supported: modes.supports_v6,
    kvm_gmem_apply_content_mode: modes.apply_v6,
    kvm_gmem_unsafe_page: kvm_gmem_unsafe_page_drained,
  },
});
