import { breaks, holds, type Claim } from './claim.js';

const source =
  'Re: [RFC PATCH v2 17/23] KVM: guest_memfd: Split for punch hole and private-to-shared ' +
  'conversion, Yan Zhao, 2025-10-13';

/** What a hole, a conversion and a close do where all pages are 4K. */
const FOUR_K = ['conv-pinned', 'conv-vs-punch', 'fault-vs-punch-sw', 'tdx-fault-vs-punch'];

/** The review of the splitting of huge private mappings. */
export const split: readonly Claim[] = [
  {
    id: 'SPLIT-1',
    kind: 'claim',
    statement:
      'Under TDX a private mapping that was zapped and comes back must be accepted by the guest ' +
      'again; so a zap must be precise.',
    source,
    of: ['P7'],
    asWritten: [holds('tdx-punch-loses-page'), breaks('S6', 'huge-punch-half', 'H0')],
    onRecord: 'confirmed',
  },
  {
    id: 'SPLIT-2',
    kind: 'claim',
    statement: 'Leaves that cross the boundary of a zap must be split before it.',
    source,
    of: ['H1'],
    asWritten: [
      holds('huge-punch-half'),
      holds('huge-convert-half'),
      breaks('S6', 'huge-punch-half', 'H0'),
      breaks('S6', 'huge-convert-half', 'H0'),
    ],
    onRecord: 'confirmed',
    note:
      'It is not enough for a hole: mmu_lock is dropped between the split and the zap, and a ' +
      'fault beside the hole can map a new leaf over its edge (huge-punch-vs-fault).',
  },
  {
    id: 'SPLIT-3',
    kind: 'claim',
    statement:
      'If a split fails the punch returns its error, with nothing zapped or truncated and the ' +
      'invalidation ended.',
    source,
    of: ['H1'],
    asWritten: [holds('huge-split-fails'), holds('huge-demote-fails')],
    provided: {
      condition:
        'it fails for want of memory for a page table; that TDH.MEM.PAGE.DEMOTE has failed nobody ' +
        'is told, for tdp_mmu_set_spte() drops the error, and KVM_BUG_ON() has ended the VM',
      checks: [holds('huge-split-fails'), breaks('S9', 'huge-demote-fails')],
    },
    onRecord: 'conditional',
  },
  {
    id: 'SPLIT-4',
    kind: 'claim',
    statement: 'The same of a conversion from private to shared.',
    source,
    of: ['H1'],
    asWritten: [holds('huge-convert-fails'), holds('huge-restructure-fails')],
    provided: {
      condition:
        'it is the split of a leaf that fails, for want of memory, not that of the folio, which ' +
        'comes later',
      checks: [holds('huge-convert-fails'), breaks('condition', 'huge-restructure-fails')],
    },
    onRecord: 'conditional',
    note:
      'The attribute is put back when the folio cannot be split; what was zapped is lost. In v3 ' +
      '(H2) the error of a split of a leaf is kept in a bool, and comes back as 1.',
  },
  {
    id: 'SPLIT-5',
    kind: 'claim',
    statement: 'kvm_gmem_release() needs no split.',
    source,
    of: ['H1'],
    asWritten: [holds('huge-close')],
    onRecord: 'confirmed',
  },
  {
    id: 'SPLIT-6',
    kind: 'question',
    statement:
      'kvm_gmem_error_folio() needs no split, since no SPTE maps more than one folio. And if only ' +
      'part of a huge folio is to be unmapped?',
    source,
    of: ['H1'],
    answer: [
      {
        text: 'With pages of 2M it needs none: a leaf is never larger than its folio.',
        checks: [holds('huge-memory-failure')],
      },
      {
        text:
          'With pages of 1G it does. As soon as one page of it is shared all of it is 4K folios, ' +
          'and leaves of 2M still map the rest: one leaf maps many folios, and is zapped as a ' +
          'whole when one of them fails. The same comes of unmapping part of a huge folio.',
        checks: [breaks('S6', 'huge-memory-failure-1g')],
      },
    ],
  },
  {
    id: 'SPLIT-7',
    kind: 'claim',
    statement:
      'In a conversion the split must come before the zap, but not before the check for a safe ' +
      'refcount, since TDX holds no reference.',
    source,
    of: ['H1'],
    asWritten: [
      holds('huge-convert-half'),
      holds('huge-convert-vs-fault'),
      breaks('deadlock', 'huge-convert-half', 'H1+refs'),
    ],
    onRecord: 'confirmed',
    note:
      'Where the S-EPT holds references (H1+refs) a leaf keeps the folio from being split for ' +
      'ever: kvm_gmem_split_folio_in_filemap() spins until only the filemap has any.',
  },
  {
    id: 'SPLIT-8',
    kind: 'question',
    statement:
      'The range that is invalidated is rounded to pages, the one that is truncated inwards to huge ' +
      'pages. What can go wrong, and does it help to align them?',
    source,
    of: ['H1'],
    answer: [
      {
        text: 'A hole that is smaller than a huge page is zapped, and frees no memory.',
        checks: [breaks('S12', 'huge-hole-kept')],
      },
      {
        text:
          'What is cleared instead begins at the huge page and not at the hole: kvm_gmem_zero_range() ' +
          'clears pages before the hole that the guest still has.',
        checks: [breaks('condition', 'huge-hole-clears')],
      },
      {
        text:
          'As the invalidation does not cover the whole huge page, a fault beside the hole can map ' +
          'a leaf over its edge between the split and the zap.',
        checks: [breaks('S6', 'huge-punch-vs-fault')],
      },
      {
        text:
          'To align them helps: holes of whole huge pages (H2 takes no others) are invalidated and ' +
          'truncated alike, and cut nothing.',
        checks: [
          holds('huge-punch-whole'),
          holds('huge-hole-kept', 'H2'),
          holds('huge-hole-clears', 'H2'),
          holds('huge-punch-vs-fault', 'H2'),
        ],
      },
    ],
  },
  {
    id: 'SPLIT-9',
    kind: 'claim',
    statement:
      'With 4K pages nothing ever needs a split; with larger ones nothing does if holes are aligned ' +
      'to the page size of the guest_memfd.',
    source,
    of: ['H0'],
    asWritten: [holds('tdx-fault-vs-punch'), holds('huge-punch-whole')],
    onRecord: 'confirmed',
    note: 'Of holes. A conversion that cuts a huge page needs one (huge-convert-half).',
  },
  {
    id: 'SPLIT-10',
    kind: 'claim',
    statement:
      'Shared to private: host mappings go, then an unsafe refcount gives -EAGAIN with the index of ' +
      'the page, and nothing has changed.',
    source,
    of: ['C1'],
    asWritten: [holds('conv-pinned'), holds('conv-vs-punch'), holds('conv-zap-then-fail')],
    onRecord: 'confirmed',
    note: 'In the first posting (C0) the guest has been zapped by then; nothing else has changed.',
  },
  {
    id: 'SPLIT-11',
    kind: 'claim',
    statement:
      'To zap what is private is enough for private to shared; kvm_gmem_error_folio() needs both.',
    source,
    of: ['H1'],
    asWritten: [holds('huge-convert-half'), holds('huge-shared-failure')],
    onRecord: 'confirmed',
    note: 'What is private has no shared mappings: only the page that fails may be either.',
  },
  {
    id: 'SPLIT-12',
    kind: 'claim',
    statement:
      'With several guest_memfd files on an inode, a split that fails for a later one leaves the ' +
      'earlier ones consistent.',
    source,
    of: ['H1'],
    asWritten: [holds('huge-linked-split-fails'), holds('huge-linked-convert-fails')],
    onRecord: 'confirmed',
    note:
      'Leaves of the earlier ones stay split, and map the same pages. It rests on splitting every ' +
      'file before any is zapped: the one loop that a mail of 2025-06-16 has for both loses pages ' +
      'of the earlier ones. Two files of one TD stand for files of two.',
  },
  {
    id: 'SPLIT-13',
    kind: 'claim',
    statement: 'To separate kvm_gmem_invalidate_begin() from the zap changes nothing for 4K pages.',
    source,
    of: ['H1'],
    asWritten: FOUR_K.flatMap((test) => [holds(test), holds(test, 'H0')]),
    onRecord: 'confirmed',
    note: 'Each test under the version that does both at once (H0) and under the one that does not.',
  },
];
