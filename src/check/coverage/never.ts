import { protocols } from '../../../models/protocols/index.js';

/** A step that no test can reach, and why: a battery does not warn of it. */
export interface Never {
  readonly function: string;
  /** As reports show it, without the parentheses of a call; all steps where it is left out. */
  readonly step?: string;
  /** Only here; everywhere where it is left out. */
  readonly protocols?: readonly string[];
  readonly why: string;
}

const WITHOUT_MEMFD = ['P0s+hva', 'P0s+hva-zap', 'P0s+hva-begin', 'P0s+hva-seq'];
const OF_LEVELS = ['P0s+2M', 'P0s+2M+asks'];
const SERIES_OF_2021 = ['P0', 'P0+stale', 'P0s', 'P0s+slot', ...WITHOUT_MEMFD, ...OF_LEVELS];
const NOTIFIED_BY_PAGE = ['P0', 'P0+stale', 'P0s'];
const SINCE_6_8 = protocols.map((p) => p.id).filter((id) => !SERIES_OF_2021.includes(id));

/**
 * What the committed tests are not asked to reach. A line that has become wrong,
 * because a test does reach the step or because there is no such step any more,
 * fails the suite.
 */
export const NEVER: readonly Never[] = [
  {
    function: 'kvm_gmem_create',
    why: 'a litmus test begins with its files created; recordings of a kernel create them',
  },
  {
    function: 'kvm_gmem_populate_one',
    step: 'kvm_gmem_mark_prepared()',
    protocols: ['THP'],
    why: 'populate is refused where there are huge pages: what was read passes no order',
  },
  {
    function: 'tdx_sept_split_private_spt',
    step: 'KVM_BUG_ON(tdx_pamt_get() failed)',
    protocols: ['H2'],
    why: 'under mmu_lock the cache was seen to have what a split takes, and this comes first',
  },
  {
    function: 'do_munmap',
    step: 'mmap_write_lock(mm): queued',
    why: 'no test has brk() and munmap() at once, and only with brk() is there a queue',
  },
  {
    function: 'kvm_zap_gfn_range',
    step: 'kvm_flush_remote_tlbs',
    protocols: ['THP'],
    why: 'no test has TLBs and RMP faults at once',
  },
  {
    function: 'truncate_partial',
    step: 'again',
    protocols: ['THP'],
    why: 'nobody else removes folios: the invalidate_lock is held, or the file is gone for all',
  },
  {
    function: 'kvm_gmem_mmap',
    why: 'a litmus test begins with its files mapped; recordings of a kernel map them',
  },
  {
    function: 'kvm_mmu_page_fault',
    step: 'fault.write',
    why: 'slots with flags and MMIO SPTEs come together in recordings only',
  },
  {
    function: 'kvm_map_gfn_range',
    protocols: ['P0s+hva', 'P0s+hva-zap', 'P0s+hva-begin', 'P0s+hva-seq'],
    why: 'a device is not allocated by fallocate()',
  },
  {
    function: 'kvm_mmu_do_page_fault',
    step: 'kvm_mmu_prepare_memory_fault_exit',
    protocols: SINCE_6_8,
    why: 'a private fault without a slot has left before: kvm_handle_noslot_fault() refuses it',
  },
  {
    function: 'truncate_edge',
    step: 'again',
    protocols: SINCE_6_8,
    why: 'nobody else removes folios: the invalidate_lock is held, or the file is gone for all',
  },
  {
    function: 'vcpu_run',
    step: 'kvm_mmu_page_fault',
    protocols: SERIES_OF_2021,
    why: 'slots and attributes never change, so that an MMIO SPTE answers as its absence would',
  },
  {
    function: 'vcpu_run',
    step: 'access through slot->userspace_addr',
    protocols: SERIES_OF_2021,
    why: 'no slot comes while a vCPU emulates: this protocol has no change of slots',
  },
  {
    function: 'kvm_unmap_gfn_range',
    step: 'write_unlock(&kvm->mmu_lock)',
    protocols: NOTIFIED_BY_PAGE,
    why: 'the notifier zaps page by page, and within one page the zap does not yield',
  },
  {
    function: 'kvm_unmap_gfn_range',
    step: 'write_lock(&kvm->mmu_lock)',
    protocols: NOTIFIED_BY_PAGE,
    why: 'the notifier zaps page by page, and within one page the zap does not yield',
  },
  ...['folio_unlock(folio)', 'folio_put', 'again'].map((step) => ({
    function: 'filemap_grab_folio',
    step,
    protocols: SERIES_OF_2021,
    why: 'only fallocate() adds folios and removes them, and it holds the inode lock',
  })),
  ...['mutex_unlock(&vcpu->mutex)', 'write_unlock(&kvm->mmu_lock)'].map((step) => ({
    function: 'kvm_map_gfn_range',
    step,
    protocols: NOTIFIED_BY_PAGE,
    why: 'the fault waits for the MMU lock that its caller holds: see p0-fallocate-maps',
  })),
  {
    function: 'tdx_mem_page_aug',
    step: 'KVM_BUG_ON(TDH_MEM_PAGE_AUG failed)',
    why: 'the mirror SPTE was empty, and so is the S-EPT entry: S2',
  },
  {
    function: 'set_external_spte',
    step: 'KVM_BUG_ON(TDH_MEM_PAGE_AUG failed)',
    why: 'the mirror SPTE was empty, and so is the S-EPT entry: S2',
  },
  {
    function: 'tdx_sept_link_private_spt',
    step: 'KVM_BUG_ON(TDH_MEM_SEPT_ADD failed)',
    why: 'the mirror SPTE was empty, and so is the S-EPT entry: S2',
  },
  {
    function: 'split_external_spt_shared',
    protocols: ['H1+refs'],
    why: 'a folio is never in pieces under a leaf, which refers to it: see huge-convert-half',
  },
  {
    function: 'post_populate',
    step: 'KVM_BUG_ON(!atomic64_read(&kvm_tdx->nr_premapped))',
    why: 'slots_lock and the invalidate_lock hold off whoever would uncount the page',
  },
  ...['KVM_BUG_ON(N)', 'KVM_BUG_ON(TDH_MEM_PAGE_ADD failed)'].map((step) => ({
    function: 'tdx_mem_page_add',
    step,
    why: 'pre-faults come after KVM_TDX_FINALIZE_VM, and the mirror SPTE was empty',
  })),
  {
    function: 'post_populate',
    step: 'KVM_BUG_ON(TDH_MR_EXTEND failed)',
    why: 'the page was added a moment ago, under locks that hold off who would take it away',
  },
  {
    function: 'kvm_tdp_mmu_map_private_pfn',
    step: 'again',
    why: 'every vCPU is held off, so that neither the mirror SPTE nor the S-EPT is contended',
  },
];

/** Why a step of a function cannot be reached under a protocol; undefined where it can. */
export function whyNever(protocol: string, fn: string, step: string): string | undefined {
  return NEVER.find(
    (n) =>
      n.function === fn &&
      (n.step === undefined || n.step === step) &&
      (n.protocols === undefined || n.protocols.includes(protocol)),
  )?.why;
}
