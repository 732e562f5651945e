/** What a thread does: one call into the kernel, or one access of its own. */
export type Call = (
  | { op: 'read'; vcpu: number; gfn: number; isPrivate: boolean }
  | { op: 'write'; vcpu: number; gfn: number; value: number; isPrivate: boolean }
  | {
      op: 'KVM_PRE_FAULT_MEMORY';
      vcpu: number;
      gfn: number;
      npages: number;
      /** What user space writes into kvm_run.exit_reason first, if it does. */
      exitReason?: number;
    }
  /** Of KVM_CAP_PRE_FAULT_MEMORY. */
  | { op: 'KVM_CHECK_EXTENSION' }
  | { op: 'fallocate'; file: number; mode: number; offset: number; len: number }
  | { op: 'KVM_SET_MEMORY_ATTRIBUTES'; gfn: number; npages: number; attrs: number }
  | {
      op: 'KVM_SET_MEMORY_ATTRIBUTES2';
      file: number;
      offset: number;
      npages: number;
      attrs: number;
      /** A content mode; unspecified without. */
      flags?: number;
      /** User space tries again as long as it is told to, by -EAGAIN. */
      retries?: boolean;
    }
  | {
      op: 'KVM_SET_USER_MEMORY_REGION2';
      slot: number;
      gfn: number;
      npages: number;
      /** undefined = without KVM_MEM_GUEST_MEMFD; -1 = a bad descriptor. */
      file: number | undefined;
      pgoff: number;
      /** KVM_MEM_LOG_DIRTY_PAGES and KVM_MEM_READONLY. */
      flags?: number;
      /** A page of the VMM's memory; page n behind gfn n without. */
      userspace_addr?: number;
    }
  | { op: 'KVM_CREATE_GUEST_MEMFD'; file: number; size: number }
  | { op: 'close'; file: number }
  /** An uncorrectable memory error in the page that is at this index by then. */
  | { op: 'memory_failure'; file: number; index: number }
  | { op: 'KVM_SEV_SNP_LAUNCH_UPDATE'; gfn: number; npages: number; value: number }
  | { op: 'KVM_SEV_SNP_LAUNCH_FINISH' }
  /** A TD's guest accepts a page; level 2 = PG_LEVEL_2M. */
  | { op: 'accept'; vcpu: number; gfn: number; level?: 2 | undefined }
  | { op: 'KVM_TDX_INIT_VCPU'; vcpu: number }
  | { op: 'KVM_TDX_INIT_MEM_REGION'; vcpu: number; gfn: number; npages: number; value: number }
  | { op: 'KVM_TDX_FINALIZE_VM' }
  | { op: 'after'; column: string; operation: number }
  /** A signal for the thread of another column, which stays until it is back in user space. */
  | { op: 'tgkill'; column: string }
  /** Makes the mapping that is there from the start in a litmus test: recordings have it. */
  | { op: 'mmap'; file: number }
  | { op: 'mmap_read'; file: number; offset: number }
  | { op: 'mmap_write'; file: number; offset: number; value: number }
  | { op: 'pin_user_pages'; file: number; offset: number }
  | { op: 'mincore'; file: number; offset: number }
  /** Of the VMM's own memory behind gfns; madvise is MADV_DONTNEED. */
  | { op: 'munmap'; gfn: number; npages: number }
  | { op: 'madvise'; gfn: number; npages: number }
  | { op: 'host_read'; gfn: number }
  | { op: 'own'; name: string; args: readonly number[]; vcpu: number; outcome: readonly string[] }
  | { op: 'host_write'; gfn: number; value: number }
) & {
  /** The VM whose column it stands in, where there are several. */
  vm?: number;
};

export type CallName = Call['op'];
