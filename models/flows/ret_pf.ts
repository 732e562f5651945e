/** RET_PF_* of arch/x86/kvm/mmu/mmu_internal.h. */
export const RET_PF_CONTINUE = 0;
export const RET_PF_RETRY = 1;
export const RET_PF_EMULATE = 2;
export const RET_PF_INVALID = 4;
export const RET_PF_FIXED = 5;
export const RET_PF_SPURIOUS = 6;

/** kvm_page_fault.pfn where there is no slot. */
export const KVM_PFN_NOSLOT = -1;
