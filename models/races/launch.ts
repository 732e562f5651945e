import { ASKED_OF_ALL_RUNS, type Race } from './race.js';

/** Preparing, populating, pre-faulting. */
export const launchRaces: readonly Race[] = [
  {
    number: 'R04',
    id: 'prepared-by-fallocate',
    kind: 'race',
    what: 'fallocate() hands the page to the firmware, and populate cannot touch it any more.',
    source: 'b85524314a3d',
    breaks: { test: 'prep-1-populate-after-allocate', under: 'P2', property: 'condition' },
    mended: {
      test: 'prep-1-populate-after-allocate',
      under: 'P3',
      by: 'b85524314a3d: pages are prepared when the guest gets them',
    },
  },
  {
    number: 'R06',
    id: 'uptodate-before-prepared',
    kind: 'not a race',
    what: 'The folio is uptodate before the firmware has accepted it.',
    source: '"KVM: guest_memfd: delay folio_mark_uptodate() until after successful preparation"',
    because:
      'as long as uptodate meant cleared, preparation was asked for at every get, uptodate or ' +
      'not; it is needed once uptodate means prepared (P3), and is there by then',
    holds: [
      { test: 'prepare-fails', under: 'P2' },
      { test: 'allocate-fails', under: 'P2' },
      { test: 'prepare-fails', under: 'P3' },
    ],
  },
  {
    number: 'R06',
    id: 'prepared-although-refused',
    kind: 'race',
    what: 'Where uptodate means prepared, marking the folio first leaves it so when that fails.',
    source: '"KVM: guest_memfd: delay folio_mark_uptodate() until after successful preparation"',
    breaks: {
      test: 'prepare-fails',
      under: 'uptodate-before-prepared',
      property: 'S5',
      fewest: { steps: 47, preemptions: 0 },
    },
    mended: { test: 'prepare-fails', under: '6.12', by: 'marking it after success' },
  },
  {
    number: 'R07',
    id: 'populated-twice',
    kind: 'race',
    what: 'A page that was measured is overwritten by a second populate.',
    source: 'de80252414f3 ("KVM: guest_memfd: let kvm_gmem_populate() operate only on ...")',
    breaks: {
      test: 'populate-twice',
      under: 'populate-again',
      property: 'S14',
      fewest: { steps: 43, preemptions: 0 },
    },
    mended: {
      test: 'populate-twice',
      under: 'P3z',
      by: 'the RMP entry, and de80252414f3: -EEXIST',
    },
  },
  {
    number: 'R53',
    id: 'populated-while-shared',
    kind: 'race',
    what: 'A gfn whose attribute is shared is populated.',
    source: 'e4ee54479273',
    breaks: { test: 'populate-shared', under: 'P3', property: 'condition' },
    mended: { test: 'populate-shared', under: 'P3z', by: 'e4ee54479273' },
  },
  {
    number: 'R08',
    id: 'prefaulted-before-launch',
    kind: 'race',
    what: 'A pre-fault prepares the page that populate is to own.',
    source: '5932ca411e53',
    breaks: { test: 'prefault-before-launch', under: 'P2', property: 'condition' },
    mended: {
      test: 'prefault-before-launch',
      under: 'P3',
      by: '5932ca411e53: refused until the launch has finished',
    },
  },
  {
    number: 'R54',
    id: 'populated-after-launch',
    kind: 'race',
    what: 'LAUNCH_UPDATE after LAUNCH_FINISH takes a page out of the RMP under a mapping.',
    source: 'arch/x86/kvm/svm/sev.c, snp_launch_update(), sev_gmem_post_populate()',
    breaks: { test: 'populate-after-launch', under: '6.12', property: 'S5' },
    mended: {
      test: 'populate-after-launch',
      under: 'C1',
      by: 'the invalidate_lock, which a fault takes: it comes before populate, or behind its undoing',
    },
  },
  {
    number: 'R46',
    id: 'prefault-attribute-flips',
    kind: 'race',
    what: 'A pre-fault reads the attribute before the fault does: when it flips, it gets -EFAULT.',
    source: 'arch/x86/kvm/mmu/mmu.c, kvm_arch_vcpu_pre_fault_memory()',
    breaks: { test: 'prefault-attribute-flips', under: '6.12', property: 'condition' },
    mended: undefined,
  },
  {
    number: 'R19',
    id: 'populate-faults-on-its-source',
    kind: 'race',
    what:
      'Populate faults on its source, which takes mmap_lock, under the invalidate_lock; a host ' +
      'fault has mmap_lock and takes the invalidate_lock.',
    source: '2a62345b3052; kernel/locking/rwsem.c, rwsem_down_read_slowpath()',
    breaks: { test: 'populate-source-vs-host-fault', under: 'C0', property: 'deadlock' },
    mended: {
      test: 'populate-source-vs-host-fault',
      under: 'C1',
      by: '2a62345b3052: the source is pinned before the invalidate_lock',
    },
    condition:
      'a third thread waits to write mmap_lock, as both take it for reading: then a reader waits ' +
      'behind the writer, and the writer for the other reader. The source is not mapped, and its ' +
      'fault needs mmap_lock. And the host fault takes the invalidate_lock: in-place conversion',
  },
  {
    number: 'R19',
    id: 'source-and-host-fault-both-read',
    kind: 'not a race',
    what: 'The same without a third thread, or with the host fault of merged versions.',
    source: '2a62345b3052, which says that it is not clear whether the deadlock can be reached',
    because:
      'readers of mmap_lock pass by each other as long as nobody waits to write it; and in merged ' +
      'versions a host fault on what can be populated is SIGBUS, before it takes any lock',
    holds: [
      { test: 'populate-source-two-readers', under: 'C0' },
      { test: 'populate-source-merged', under: 'P6' },
      { test: 'populate-source-merged', under: 'P8' },
    ],
  },
  {
    number: 'R20',
    id: 'source-pinned-for-reading',
    kind: 'race',
    what:
      "The firmware's corrected CPUID page goes back to the source, which is pinned for reading: " +
      'another process may have that page, copy-on-write.',
    source: 'KVM: guest_memfd: Use write permissions when GUP-ing source pages, 2026-05-22',
    breaks: { test: 'populate-source-cow', under: 'P8', property: 'S10' },
    mended: {
      test: 'populate-source-cow',
      under: 'P9',
      by: 'FOLL_WRITE for what may be written back; until 2a62345b3052 copy_to_user() (6.12)',
    },
    condition:
      'a source that is not written to since it was shared: after fork(), the zero page, a ' +
      'private mapping of a file. One thread is enough',
  },
  {
    number: 'R78',
    id: 'prepared-by-a-shared-fault',
    kind: 'race',
    what: 'A shared fault prepares the page of a GMEM_ONLY slot, and meets the RMP for ever.',
    source: 'found by this model; 44c6cb9fe988, kvm_gmem_get_pfn(), kvm_gmem_bind()',
    breaks: {
      test: 'snp-mmap-shared-fault',
      under: 'P9',
      property: 'doomed',
      fewest: ASKED_OF_ALL_RUNS,
    },
    mended: {
      test: 'snp-mmap-shared-fault',
      under: 'C1',
      by: '"KVM: guest_memfd: Only prepare folios for private pages"',
    },
    condition: 'an SNP guest whose guest_memfd has GUEST_MEMFD_FLAG_MMAP, which since 6.18 it may',
  },
];
