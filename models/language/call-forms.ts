/** How a call is written, for messages. */
export const FORMS: Readonly<Record<string, string>> = {
  'run:': 'run: read GFN [shared], run: write GFN WORD [shared], or run: accept GFN [2M]',
  'mmap:': 'mmap: read PAGE, or mmap: write PAGE WORD',
  fallocate: 'fallocate(PUNCH_HOLE | ALLOCATE, [gmemN,] OFFSET, PAGES)',
  KVM_PRE_FAULT_MEMORY: 'KVM_PRE_FAULT_MEMORY(GFN, PAGES [, shared])',
  KVM_CHECK_EXTENSION: 'KVM_CHECK_EXTENSION(KVM_CAP_PRE_FAULT_MEMORY)',
  KVM_SET_MEMORY_ATTRIBUTES: 'KVM_SET_MEMORY_ATTRIBUTES(GFN, PAGES, 0 | PRIVATE)',
  KVM_SET_MEMORY_ATTRIBUTES2:
    'KVM_SET_MEMORY_ATTRIBUTES2([gmemN,] OFFSET, PAGES, 0 | PRIVATE [, ZERO | PRESERVE] [, RETRY])',
  pin_user_pages: 'pin_user_pages(PAGE)',
  mincore: 'mincore(PAGE)',
  KVM_SET_USER_MEMORY_REGION2:
    'KVM_SET_USER_MEMORY_REGION2(SLOT, GFN, PAGES [, READONLY] [, hvaN] [, gmemN, OFFSET]); 0 pages delete the slot',
  close: 'close(gmemN)',
  memory_failure: 'memory_failure([gmemN,] INDEX)',
  KVM_SEV_SNP_LAUNCH_UPDATE: 'KVM_SEV_SNP_LAUNCH_UPDATE(GFN, PAGES, WORD)',
  KVM_SEV_SNP_LAUNCH_FINISH: 'KVM_SEV_SNP_LAUNCH_FINISH()',
  KVM_TDX_INIT_VCPU: 'KVM_TDX_INIT_VCPU()',
  KVM_TDX_INIT_MEM_REGION: 'KVM_TDX_INIT_MEM_REGION(GFN, PAGES, WORD)',
  KVM_TDX_FINALIZE_VM: 'KVM_TDX_FINALIZE_VM()',
  brk: 'brk()',
  munmap: 'munmap(GFN, PAGES)',
  madvise: 'madvise(MADV_DONTNEED, GFN, PAGES)',
  tgkill: 'tgkill(COLUMN)',
  after: 'after COLUMN:rN: wait until operation N of that column has returned',
  read: 'read GFN',
  write: 'write GFN WORD',
};
