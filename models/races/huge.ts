import type { Race } from './race.js';

const series = 'KVM: TDX huge page support, RFC v2, 2025-08-07';

/** Leaves of 2M, and ranges that cut them. */
export const hugeRaces: readonly Race[] = [
  {
    id: 'hole-takes-the-other-half',
    kind: 'race',
    what: 'A hole in part of a huge page zaps the leaf over all of it: the guest loses the rest.',
    source: series,
    breaks: { test: 'huge-punch-half', under: 'H0', property: 'S6' },
    mended: { test: 'huge-punch-half', under: 'H1', by: 'the leaf is split before the zap' },
  },
  {
    id: 'conversion-takes-the-other-half',
    kind: 'race',
    what: 'The same of a conversion of part of a huge page to shared.',
    source: series,
    breaks: { test: 'huge-convert-half', under: 'H0', property: 'S6' },
    mended: { test: 'huge-convert-half', under: 'H1', by: 'the leaf is split before the zap' },
  },
  {
    id: 'leaf-mapped-over-the-edge',
    kind: 'race',
    what: 'Between the split and the zap of a hole a fault beside it maps a leaf over its edge.',
    source: 'found by this model: mmu_lock is dropped, the fault is not stale',
    breaks: { test: 'huge-punch-vs-fault', under: 'H1', property: 'S6' },
    mended: { test: 'huge-punch-vs-fault', under: 'H2', by: 'holes of whole huge pages only' },
  },
  {
    id: 'hole-and-truncation-rounded-apart',
    kind: 'race',
    what: 'A hole is zapped to the page, and truncated to the huge page: nothing is freed.',
    source: 'Re: [RFC PATCH v2 17/23], Yan Zhao, 2025-10-13',
    breaks: { test: 'huge-hole-kept', under: 'H1', property: 'S12' },
    mended: { test: 'huge-hole-kept', under: 'H2', by: 'holes of whole huge pages only' },
  },
  {
    id: 'accept-at-another-level',
    kind: 'race',
    what: 'The guest accepts 4K of what is mapped at 2M, and exits with it again and again.',
    source: 'Re: [RFC PATCH 09/21] KVM: TDX: Enable 2MB mapping size, 2025-06; RFC v2 14/23',
    breaks: { test: 'huge-accept-alone', under: 'H0', property: 'doomed' },
    mended: {
      test: 'huge-accept-alone',
      under: 'H1',
      by: 'the leaf is split, and none maps there any more',
    },
  },
  {
    id: 'leaves-keep-the-folio-whole',
    kind: 'race',
    what: 'A folio cannot be split as leaves of its other pages refer to it: the conversion hangs.',
    source: 'Re: [RFC PATCH 08/21] KVM: TDX: Increase/decrease folio ref, 2025-06-25',
    breaks: { test: 'huge-convert-half', under: 'H1+refs', property: 'deadlock' },
    mended: { test: 'huge-convert-half', under: 'H1', by: 'the S-EPT holds no references' },
  },
  {
    id: 'fresh-folio-is-whole',
    kind: 'race',
    what: 'A new huge page, partly shared, is found by another fault before it is in pieces.',
    source: 'found by this model in kvm_gmem_get_folio() of the 1G series, RFC v2, and of the wip',
    breaks: { test: 'huge-fresh-folio', under: 'H1', property: 'S7' },
    mended: undefined,
  },
  {
    id: 'conversion-ends-before-it-stores',
    kind: 'race',
    what: 'A fault that begins between the end of the invalidation and the store is not stale.',
    source: 'found by this model in kvm_gmem_convert() of the hugetlb wip, 2025-12-08',
    breaks: { test: 'conv-ends-first', under: 'H2', property: 'S7' },
    mended: { test: 'conv-ends-first', under: 'H1', by: 'the store comes before the end' },
  },
  {
    id: 'split-that-cannot-be-undone',
    kind: 'race',
    what: 'A fault splits a leaf: DEMOTE is busy, and so is UNBLOCK. The S-EPT keeps it blocked.',
    source: 'RFC v2 11/23, 2025-08-07, which refuses it',
    breaks: { test: 'huge-split-in-fault', under: 'H1-shared', property: 'S2' },
    mended: {
      test: 'huge-split-in-fault',
      under: 'H1',
      by: 'leaves are split with mmu_lock held for writing only',
    },
  },
  {
    id: 'split-is-not-flushed',
    kind: 'not a race',
    what: 'A split of a leaf drops mmu_lock before it has flushed, and cannot say that it was one.',
    source: 'Re: [RFC PATCH v2 12/23], Yan Zhao, 2025-11-19; v3 11/24, 2026-01-06',
    because:
      'Of the mirror it does not matter: TDH.MEM.TRACK and the kick come before DEMOTE, under ' +
      'mmu_lock, so that no vCPU uses the leaf when it is in pieces.',
    holds: [
      { test: 'huge-punch-half', under: 'H1' },
      { test: 'huge-accept-small', under: 'H1' },
    ],
  },
];
