import { ASKED_OF_ALL_RUNS, type Race } from './race.js';

/** Faults against holes and attributes. */
export const faultRaces: readonly Race[] = [
  {
    number: 'R01',
    id: 'stale-check-skipped',
    kind: 'race',
    what: 'A private pfn skips is_page_fault_stale(): a fault maps the page that a hole truncates.',
    source: '[PATCH v3 kvm/queue 14/16], 2021-12-23',
    breaks: { test: 'p0-fault-vs-punch', under: 'P0', property: 'S1' },
    mended: {
      test: 'fault-vs-punch-sw',
      under: 'P1',
      by: '8dd2eee9d526: every pfn is checked, and holes advance the sequence count',
    },
  },
  {
    number: 'R01',
    id: 'freed-page-mapped',
    kind: 'race',
    what: 'The same to its end: the page is with the allocator, and the guest still has it mapped.',
    source: '[PATCH v3 kvm/queue 14/16], 2021-12-23',
    breaks: { test: 'p0-freed-page-mapped', under: 'P0', property: 'S9' },
    mended: {
      test: 'p0-freed-page-mapped',
      under: 'P0s',
      by: 'the rest of the series: the page stays locked from the look-up to behind the map',
    },
  },
  {
    number: 'R02',
    id: 'conversion-in-parts',
    kind: 'race',
    what: 'A hole is notified page by page: a vCPU finds half of a conversion.',
    source: 'Re: [PATCH v3 kvm/queue 14/16], Yan Zhao, 2022-01-03',
    breaks: { test: 'p0-convert-two-pages', under: 'P0s', property: 'condition' },
    mended: {
      test: 'attribute-two-pages',
      under: 'P1',
      by: '5a475554db1e: attributes, changed inside one invalidation',
    },
  },
  {
    number: 'R03',
    id: 'page-left-in-hole',
    kind: 'race',
    what: 'A fault that is older than a hole adds its page behind the truncation.',
    source: 'b85524314a3d calls it new and harmless',
    breaks: { test: 'prep-4-page-left-in-hole', under: 'P3', property: 'S4s' },
    mended: {
      test: 'prep-4-page-left-in-hole',
      under: 'fault-takes-invalidate-lock',
      by: 'the invalidate_lock, held shared around kvm_gmem_get_pfn(), as in-place conversion has it',
    },
  },
  {
    number: 'R03',
    id: 'attribute-cleared-too-late',
    kind: 'race',
    what: 'Clearing the private attribute before the hole does not stop a fault that has read it.',
    source: 'b85524314a3d advises it',
    breaks: { test: 'prep-6-attribute-first', under: 'P3', property: 'S4s' },
    mended: {
      test: 'prep-6-fault-ends-first',
      under: 'P3',
      by: 'waiting for the faults under way, between the attribute and the hole',
    },
  },
  {
    number: 'R50',
    id: 'hole-before-attribute',
    kind: 'race',
    what: 'Where the hole comes before the attribute, a fault in between populates it again.',
    source: 'tools/testing/selftests/kvm, private_mem_conversions_test: the order of its handler',
    breaks: { test: 'punch-then-attribute', under: '6.12', property: 'condition' },
    mended: {
      test: 'prep-6-fault-ends-first',
      under: '6.12',
      by: 'the other order, and waiting for the faults under way',
    },
  },
  {
    number: 'R09',
    id: 'fault-and-punch-go-round',
    kind: 'race',
    what: 'A fault that is bound to retry adds its page each time; the hole starts over each time.',
    source: 'd02c357e5bfa is there to spare work',
    breaks: {
      test: 'punch-two-pages',
      under: 'P1',
      property: 'livelock',
      fewest: ASKED_OF_ALL_RUNS,
    },
    mended: {
      test: 'punch-two-pages',
      under: 'P1a',
      by: 'd02c357e5bfa: a lockless look before the page is looked up',
    },
  },
  {
    number: 'R09',
    id: 'zap-yields-to-faults',
    kind: 'not a race',
    what: 'A long zap gives mmu_lock away to faults in its range, again and again, and never ends.',
    source: 'd02c357e5bfa, and the reports before it',
    because:
      'Faults in the range are stale as long as it is open, so that every turn of the zap has a ' +
      'leaf less before it: it takes long, and ends. What need not end is a hole, whose pages ' +
      'such faults add again (fault-and-punch-go-round).',
    holds: [{ test: 'attribute-two-pages', under: 'P1' }],
  },
  {
    number: 'R51',
    id: 'snapshot-too-late',
    kind: 'race',
    what: 'The attribute is read before mmu_invalidate_seq: what changed in between is not noticed.',
    source: 'arch/x86/kvm/mmu/mmu.c, kvm_faultin_pfn(): the smp_rmb() behind the snapshot',
    breaks: {
      test: 'attribute-vs-fault',
      under: 'snapshot-after-attribute',
      property: 'S7',
      fewest: { steps: 44, preemptions: 1 },
    },
    mended: { test: 'attribute-vs-fault', under: '6.12', by: 'smp_rmb()' },
  },
  {
    number: 'R52',
    id: 'range-of-two-invalidations',
    kind: 'race',
    what: 'A second invalidation narrows the range while the first is still open.',
    source: 'virt/kvm/kvm_main.c, kvm_mmu_invalidate_range_add(): the hull of all ranges',
    breaks: {
      test: 'punch-vs-attribute-elsewhere',
      under: 'range-replaced',
      property: 'S1',
      fewest: { steps: 52, preemptions: 1 },
    },
    mended: { test: 'punch-vs-attribute-elsewhere', under: '6.12', by: 'the hull' },
  },
];
