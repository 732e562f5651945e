import * as attributes from '../flows/attributes.js';
import * as files from '../flows/files.js';
import * as filemap from '../flows/filemap.js';
import { hostMemory } from '../flows/host_memory.js';
import * as invalidate from '../flows/invalidate.js';
import * as flush_shadow from '../flows/flush_shadow.js';
import * as memslot_changes from '../flows/memslot_changes.js';
import { kvm_move_memslot } from '../flows/memslot_move.js';
import * as memslots from '../flows/memslots.js';
import * as mmu from '../flows/mmu.js';
import * as mmu_notifier from '../flows/mmu_notifier.js';
import * as tdp_mmu from '../flows/tdp_mmu.js';
import * as tlb from '../flows/tlb.js';
import * as truncate from '../flows/truncate.js';
import * as vcpu from '../flows/vcpu.js';

/** What no guest_memfd series has changed: the page cache, files, the run loop. */
export const mm = {
  filemap_grab_folio: filemap.filemap_grab_folio,
  filemap_remove_folio: filemap.filemap_remove_folio,
  folio_put: filemap.folio_put,
  truncate_inode_pages_range: truncate.truncate_inode_pages_range,
  truncate_first_pass: truncate.truncate_first_pass,
  truncate_edge: truncate.truncate_edge,
  truncate_second_pass: truncate.truncate_second_pass,
  fput: files.fput,
  close_fd: files.close_fd,
  task_work_run: files.task_work_run,
  __fput: files.__fput,
  ...hostMemory,
};

/** KVM outside guest_memfd.c, as far as it has stayed the same. */
export const kvm = {
  kvm_mmu_invalidate_begin: invalidate.kvm_mmu_invalidate_begin,
  kvm_mmu_invalidate_range_add: invalidate.kvm_mmu_invalidate_range_add,
  kvm_mmu_invalidate_end: invalidate.kvm_mmu_invalidate_end,
  mmu_invalidate_retry_gfn: invalidate.mmu_invalidate_retry_gfn,
  kvm_mmu_notifier_invalidate_range_start: mmu_notifier.kvm_mmu_notifier_invalidate_range_start,
  kvm_mmu_notifier_invalidate_range_end: mmu_notifier.kvm_mmu_notifier_invalidate_range_end,
  gfn_to_memslot: memslots.gfn_to_memslot,
  kvm_set_user_memory_region: memslots.kvm_set_user_memory_region,
  __kvm_set_memory_region: memslots.__kvm_set_memory_region,
  kvm_create_memslot: memslot_changes.kvm_create_memslot,
  kvm_delete_memslot: memslot_changes.kvm_delete_memslot,
  kvm_move_memslot,
  kvm_free_memslot: memslot_changes.kvm_free_memslot,
  kvm_arch_flush_shadow_memslot: flush_shadow.kvm_mmu_zap_all_fast,
  kvm_arch_vcpu_ioctl_run: vcpu.kvm_arch_vcpu_ioctl_run,
  vcpu_run: vcpu.vcpu_run,
  kvm_mmu_do_page_fault: mmu.kvm_mmu_do_page_fault,
  kvm_tdp_mmu_page_fault: mmu.kvm_tdp_mmu_page_fault,
  kvm_release_pfn_clean: mmu.kvm_release_pfn_clean,
  kvm_mmu_prepare_memory_fault_exit: mmu.kvm_mmu_prepare_memory_fault_exit,
  is_page_fault_stale: mmu.is_page_fault_stale,
  kvm_tdp_mmu_map: tdp_mmu.kvm_tdp_mmu_map,
  handle_mmio_page_fault: mmu.handle_mmio_page_fault,
  kvm_unmap_gfn_range: tdp_mmu.kvm_unmap_gfn_range,
  kvm_flush_remote_tlbs: tlb.kvm_flush_remote_tlbs,
};

/** KVM_SET_MEMORY_ATTRIBUTES, which came with 6.8. */
export const memoryAttributes = {
  kvm_vm_set_mem_attributes: attributes.kvm_vm_set_mem_attributes,
  kvm_pre_set_memory_attributes: attributes.kvm_pre_set_memory_attributes,
  kvm_post_set_memory_attributes: attributes.kvm_post_set_memory_attributes,
};
