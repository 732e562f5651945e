import { breaks, holds, type Check, type Claim } from './claim.js';

const source =
  'Re: [RFC PATCH v2 17/23] KVM: guest_memfd: Split for punch hole and private-to-shared ' +
  'conversion, Yan Zhao, 2025-10-13';

/** Holes, of one file and of several; conversions; closes; failures of memory. */
const INVALIDATES =
  'fault-vs-punch-sw fault-vs-punch tdx-fault-vs-punch tlb-fault-vs-punch punch-two-pages ' +
  'tdx-punch-two-pages prefault-vs-punch populate-vs-punch mmap-vs-punch delete-slot-vs-punch ' +
  'vms-punch-vs-linked-fault conv-pinned conv-vs-punch conv-tdx-vs-fault conv-tdx-to-shared ' +
  'vms-convert close-vs-fault close-vs-punch tdx-close-vs-accept vms-close-vs-punch ' +
  'memory-failure-vs-fault vms-memory-failure';

/** All pages are 4K. */
const FOUR_K: readonly Check[] = [
  ...INVALIDATES.split(' ').map((test) => holds(test)),
  breaks('deadlock', 'memory-failure-vs-punch'),
  breaks('condition', 'conv-vs-guest-fault'),
  breaks('condition', 'conv-zap-then-fail'),
];

/** To private, refused or not: who has references, which page is named, what has changed. */
const REFUSED: readonly Check[] = [
  holds('conv-pinned'),
  holds('conv-pin-respected'),
  holds('conv-vs-punch'),
];

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
          'whole when one of them fails.',
        checks: [breaks('S6', 'huge-memory-failure-1g')],
      },
      {
        text:
          'If only part of a huge folio is to be unmapped it does as well (H1+part): split, and the ' +
          'guest keeps the rest of its mapping. Who faults there is refused all the same, as ' +
          'PG_hwpoison is of the folio. Where there is no memory to split with nobody can be told, ' +
          'and the whole leaf goes.',
        checks: [
          breaks('condition', 'huge-memory-failure-part'),
          holds('huge-memory-failure-part', 'H1+part'),
          breaks('S6', 'huge-memory-failure-part-fails', 'H1+part'),
        ],
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
      breaks('S6', 'huge-convert-half', 'H0'),
      holds('huge-convert-half', 'H1+counts'),
      holds('huge-convert-vs-fault', 'H1+counts'),
      breaks('condition', 'huge-convert-half', 'H1+refs+counts'),
      breaks('deadlock', 'huge-convert-half', 'H1+refs'),
    ],
    onRecord: 'confirmed',
    note:
      'As posted a conversion to shared counts nothing; H1+counts counts before it splits. Where ' +
      'the S-EPT holds references that is -EAGAIN for ever (H1+refs+counts), and without a count ' +
      '(H1+refs) kvm_gmem_split_folio_in_filemap() spins until only the filemap has any.',
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
    asWritten: [
      holds('tdx-fault-vs-punch'),
      holds('tdx-punch-two-pages'),
      holds('huge-punch-whole'),
      holds('huge-punch-1g'),
    ],
    onRecord: 'confirmed',
    note:
      'Of holes, of pages of 2M and of 1G, the latter in pieces as well. A conversion that cuts a ' +
      'huge page needs one (huge-convert-half).',
  },
  {
    id: 'SPLIT-10',
    kind: 'claim',
    statement:
      'Shared to private: host mappings go, then an unsafe refcount gives -EAGAIN with the index of ' +
      'the page, and nothing has changed.',
    source,
    of: ['H1'],
    asWritten: [...REFUSED, holds('conv-zap-then-fail')],
    provided: {
      condition:
        "the guest's mappings do not count, as the VMM's do not: its shared SPTEs are gone by " +
        'then, by the MMU notifier, which unmap_mapping_pages() calls. No attribute, no page and ' +
        'no contents have changed, and a fault maps them again',
      checks: [...REFUSED, breaks('condition', 'conv-zap-then-fail')],
    },
    onRecord: 'conditional',
    note:
      'C1 and C2 count the references before they zap: there it holds as it stands. That -EAGAIN is ' +
      'given, and to whom it is due, are conv-pinned and conv-pin-respected.',
  },
  {
    id: 'SPLIT-11',
    kind: 'claim',
    statement:
      'To zap what is private is enough for private to shared; kvm_gmem_error_folio() needs both.',
    source,
    of: ['H1'],
    asWritten: [
      holds('huge-convert-half', 'H1'),
      holds('huge-shared-failure', 'H1'),
      breaks('S18', 'huge-shared-failure', 'H1~memory-failure-zaps-private'),
      holds('huge-memory-failure', 'H1'),
      breaks('S18', 'huge-memory-failure', 'H1~memory-failure-zaps-shared'),
    ],
    onRecord: 'confirmed',
    note:
      'A page that is private has no shared mappings, but for a moment when its slot goes ' +
      '(conv-vs-delete-slot, S7), and those do no harm where it becomes shared; a page that fails ' +
      'may be either.',
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
    asWritten: FOUR_K.flatMap((check) => [check, { ...check, under: 'H0' }]),
    onRecord: 'confirmed',
    note:
      'Each test under the version that does both at once (H0) and under the one that does not, ' +
      'those that break something included: 25 that stand for every flow that invalidates.',
  },
];
