import type { Flow } from '../../src/core/index.js';
import type { GmemFile, Kvm, Slot, Vcpu } from '../state/structs.js';

/** What KVM_SET_USER_MEMORY_REGION2 is given. */
type RegionArguments = [
  kvm: Kvm,
  slot: Slot,
  gfn: number,
  npages: number,
  file: GmemFile | undefined,
  pgoff: number,
  flags?: number,
  userspace_addr?: number,
];

/** virt/kvm/kvm_main.c */
export interface KvmMainFunctions {
  kvm_flush_remote_tlbs(kvm: Kvm): Flow;
  kvm_mmu_invalidate_begin(kvm: Kvm): Flow;
  kvm_mmu_invalidate_range_add(kvm: Kvm, start: number, end: number): Flow;
  kvm_mmu_invalidate_end(kvm: Kvm): Flow;
  mmu_invalidate_retry_gfn(kvm: Kvm, gfn: number): Flow<boolean>;
  mmu_invalidate_retry_gfn_unsafe(kvm: Kvm, gfn: number): Flow<boolean>;
  gfn_to_memslot(kvm: Kvm, gfn: number, address_space?: number): Flow<number>;
  kvm_set_user_memory_region(...region: RegionArguments): Flow<number>;
  __kvm_set_memory_region(...region: RegionArguments): Flow<number>;
  kvm_create_memslot(kvm: Kvm, slot: Slot): Flow;
  kvm_delete_memslot(kvm: Kvm, slot: Slot): Flow;
  kvm_move_memslot(kvm: Kvm, slot: Slot, gfn: number, flags: number): Flow<number>;
  kvm_free_memslot(kvm: Kvm, slot: Slot): Flow;
  kvm_vm_set_mem_attributes(kvm: Kvm, start: number, end: number, attrs: number): Flow<number>;
  kvm_pre_set_memory_attributes(
    kvm: Kvm,
    start: number,
    end: number,
    slots: number,
    attrs: number,
  ): Flow;
  kvm_post_set_memory_attributes(kvm: Kvm, slots: number): Flow;
  kvm_vm_ioctl_check_extension(kvm: Kvm): Flow<number>;
  kvm_vcpu_pre_fault_memory(
    vcpu: Vcpu,
    gfn: number,
    npages: number,
    isAlias?: boolean,
  ): Flow<readonly number[]>;

  kvm_mmu_notifier_invalidate_range_start(kvm: Kvm, start: number, end: number): Flow;
  kvm_mmu_notifier_invalidate_range_end(kvm: Kvm, start: number, end: number): Flow;
  /** pfn, its page referenced, or -EFAULT */
  __gfn_to_pfn_memslot(slot: Slot, gfn: number): Flow<number>;
  hva_to_pfn_slow(page: number): Flow<number>;
}
