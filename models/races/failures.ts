import { ASKED_OF_ALL_RUNS, type Race } from './race.js';

/** Memory that fails, and calls that fail. */
export const failureRaces: readonly Race[] = [
  {
    number: 'R56',
    id: 'failure-and-hole-wait',
    kind: 'race',
    what: 'memory_failure() has the folio lock and wants the invalidate_lock; a hole, vice versa.',
    source: 'virt/kvm/guest_memfd.c, kvm_gmem_error_folio(); mm/memory-failure.c',
    breaks: { test: 'memory-failure-vs-punch', under: '6.12', property: 'deadlock' },
    mended: undefined,
  },
  {
    number: 'R40',
    id: 'poisoned-page-referenced',
    kind: 'race',
    what: 'kvm_gmem_get_pfn() refuses a poisoned page and keeps its reference to it.',
    source: 'c31745d2c508',
    breaks: { test: 'memory-failure-leaks', under: 'P1', property: 'condition' },
    mended: { test: 'memory-failure-leaks', under: 'P2', by: 'c31745d2c508' },
  },
  {
    number: 'R49',
    id: 'delayed-is-failed',
    kind: 'race',
    what: 'guest_memfd unmaps a poisoned page, and memory_failure() reports a failure.',
    source: '"mm: Fix MF_DELAYED handling on memory failure", v6, 2026-09-17',
    breaks: { test: 'memory-failure-returns', under: 'P9', property: 'condition' },
    mended: { test: 'memory-failure-returns', under: 'P9+delayed', by: 'that series' },
  },
  {
    number: 'R06',
    id: 'failed-populate-is-read',
    kind: 'race',
    what: 'The firmware refuses a page, and the guest reads what populate had copied into it.',
    source: '"KVM: guest_memfd: delay folio_mark_uptodate() until after successful preparation"',
    breaks: { test: 'populate-fails', under: 'P2', property: 'condition' },
    mended: { test: 'populate-fails', under: 'P3', by: 'that patch: the page is cleared again' },
  },
  {
    number: 'R37',
    id: 'root-obsolete-in-the-loop',
    kind: 'race',
    what: 'A root becomes obsolete while a pre-fault retries: it is reloaded before the loop only.',
    source: 'arch/x86/kvm/mmu/mmu.c, kvm_tdp_map_page(), with 20a6cff3b283',
    breaks: {
      test: 'prefault-other-slot-goes',
      under: 'P3z+reload',
      property: 'doomed',
      fewest: ASKED_OF_ALL_RUNS,
    },
    mended: {
      test: 'prefault-other-slot-goes',
      under: '6.12',
      by: 'slots that zap their own leaves; nothing, for VMs that do not',
    },
  },
];
