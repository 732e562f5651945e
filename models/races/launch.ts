import type { Race } from './race.js';

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
    mended: undefined,
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
    kind: 'not a race',
    what:
      'Populate faults on its source, which takes mmap_lock, under the invalidate_lock; a host ' +
      'fault has mmap_lock and takes the invalidate_lock.',
    source: '2a62345b3052',
    because:
      'the host fault of merged versions takes no invalidate_lock, and both take mmap_lock for ' +
      'reading: it needs in-place conversion, and a third who waits for mmap_lock for writing. ' +
      'Since 2a62345b3052, which those series have, the source is pinned before',
    holds: [
      { test: 'populate-vs-punch', under: 'P6' },
      { test: 'conv-vs-host-fault', under: 'C1' },
    ],
  },
  {
    number: 'R20',
    id: 'source-pinned-for-reading',
    kind: 'not a race',
    what:
      "The source that is pinned before the invalidate_lock is written to: the firmware's " +
      'corrected CPUID page goes back there.',
    source: 'Fixes: 2a62345b3052, which pins it without FOLL_WRITE',
    because:
      'one thread is enough for it: a source that may not be written to, or is shared ' +
      'copy-on-write. Sources are not modelled; what populate leaves of the page itself is',
    holds: [{ test: 'populate-fails', under: 'P8' }],
  },
];
