import {
  kvm_tdp_map_page,
  kvm_tdp_map_page_once,
  kvm_vcpu_map_memory_v2,
  kvm_vcpu_pre_fault_memory,
} from '../flows/prefault.js';
import { protocol } from '../protocol.js';
import { P2 } from './P2.js';

/** The series that became KVM_PRE_FAULT_MEMORY, on the tree that it was merged into. */
export const P3pV2 = protocol(P2, {
  id: 'P3p-v2',
  title: 'KVM_MAP_MEMORY v2: errors as they come, RET_PF_RETRY is -EAGAIN',
  functions: {
    kvm_vcpu_pre_fault_memory: kvm_vcpu_map_memory_v2,
    kvm_tdp_map_page: kvm_tdp_map_page_once,
  },
});

export const P3pV3 = protocol(P3pV2, {
  id: 'P3p-v3',
  title: 'KVM_MAP_MEMORY v3: success once a page was mapped, with size left',
  functions: { kvm_vcpu_pre_fault_memory },
});

/** What P2 has. */
export const P3pV4 = protocol(P3pV3, {
  id: 'P3p-v4',
  title: 'KVM_PRE_FAULT_MEMORY v4: RET_PF_RETRY is retried, RET_PF_EMULATE is -ENOENT',
  functions: { kvm_tdp_map_page },
});
