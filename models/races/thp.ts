import type { Race } from './race.js';

const series = 'KVM: gmem: 2MB THP support and preparedness tracking changes, RFC v1, 2024-12';

/** Huge pages under SNP. */
export const thpRaces: readonly Race[] = [
  {
    number: 'R66',
    id: 'hole-in-half-removes-all',
    kind: 'race',
    what: 'A fault keeps a folio from being split: a hole removes all of it, under a new leaf.',
    source: `found by this model; mm/truncate.c, truncate_inode_partial_folio(); ${series}`,
    breaks: { test: 'thp-punch-half', under: 'THP', property: 'S1' },
    mended: {
      test: 'thp-punch-half',
      under: 'hole-invalidates-huge-pages',
      by: 'an invalidation of whole huge pages; the other half is lost nevertheless',
    },
  },
  {
    number: 'R17',
    id: 'attribute-of-half',
    kind: 'race',
    what: 'The attribute of half of a huge page changes, and a fault beside it maps all of it.',
    source: '9129633d568e, of 8dd2eee9d526',
    breaks: { test: 'thp-attribute-vs-fault', under: 'THP', property: 'S7' },
    mended: {
      test: 'thp-attribute-vs-fault',
      under: 'attributes-invalidate-huge-pages',
      by: '9129633d568e: the head and tail pages are invalidated, too',
    },
  },
  {
    number: 'R39',
    id: 'psmash-of-a-freed-page',
    kind: 'race',
    what: 'PSMASH fails as a page is freed, which cannot be told, and RMPUPDATE goes round for ever.',
    source: 'arch/x86/kvm/svm/sev.c, sev_gmem_invalidate(); arch/x86/virt/svm/sev.c, rmpupdate()',
    breaks: { test: 'thp-psmash-fails', under: 'THP', property: 'doomed' },
    mended: undefined,
  },
  {
    number: 'R39',
    id: 'psmash-twice',
    kind: 'not a race',
    what: 'Two vCPUs take an RMP fault on one entry of 2M, and both split it.',
    source: 'arch/x86/kvm/svm/sev.c, sev_handle_rmp_fault()',
    because:
      'PSMASH of what is of 4K already fails, and the entry is looked up again; while it is in ' +
      'use it is tried again.',
    holds: [
      { test: 'thp-two-vcpus', under: 'THP' },
      { test: 'thp-psmash-in-fault', under: 'THP' },
    ],
  },
];
