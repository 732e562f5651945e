import { kvm_gmem_set_attributes } from '../../flows/conversion.js';
import { hostMappings } from '../../flows/gmem_fault.js';
import { do_mincore, gup_slow, pin_user_pages_fast } from '../../flows/gup.js';
import { kvm_gmem_unsafe_page } from '../../flows/references.js';
import { protocol } from '../../protocol.js';
import { P4 } from '../P4.js';
import { kvm_gmem_convert_range } from './convert.js';
import {
  kvm_gmem_fault_user_mapping,
  kvm_gmem_get_pfn,
  kvm_gmem_is_private_gfn,
} from './guest_memfd.js';

/** Shareability in a tree with a lock of its own; a work list; what fails is rolled back. */
export const C0 = protocol(P4, {
  id: 'C0',
  title: 'in-place conversion, RFC v2 (2025-05): shareability, a work list, roll-back',
  lacks: ['KVM_SET_MEMORY_ATTRIBUTES'],
  functions: {
    ...hostMappings,
    kvm_gmem_is_private_gfn,
    kvm_gmem_get_pfn,
    kvm_gmem_fault_user_mapping,
    kvm_gmem_set_attributes,
    __kvm_gmem_set_attributes: kvm_gmem_convert_range,
    kvm_gmem_unsafe_page,
    pin_user_pages_fast,
    gup_slow,
    do_mincore,
  },
});
