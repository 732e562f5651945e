import { breaks, holds, type Claim } from './claim.js';

const patch = '[PATCH v3 kvm/queue 14/16] KVM: Handle page fault for private memory, 2021-12-23';
const review = 'Re: [PATCH v3 kvm/queue 14/16], Yan Zhao, 2022-01-03';

/** Of private pages: of order 0, and of a huge page. */
const LEVELS = [holds('p0-level-small', 'P0s+2M'), holds('p0-level-large', 'P0s+2M')];

const WHOLE_SLOT = 'P5~hole-invalidates-the-slot';

/** The series of 2021, which takes allocated for private, and what its review asks. */
export const privateFaults: readonly Claim[] = [
  {
    id: 'PRIV-1',
    kind: 'claim',
    statement:
      'A private access to an allocated page maps it; to one that is not, it exits and asks for ' +
      'MAP_PRIVATE.',
    source: patch,
    of: ['P0'],
    asWritten: [holds('p0-private')],
    onRecord: 'confirmed',
  },
  {
    id: 'PRIV-2',
    kind: 'claim',
    statement:
      'A shared access exits and asks for MAP_SHARED while the page is allocated privately; ' +
      "otherwise it gets the host's page.",
    source: patch,
    of: ['P0'],
    asWritten: [holds('p0-shared'), holds('p0-shared-in-order')],
    onRecord: 'confirmed',
  },
  {
    id: 'PRIV-3',
    kind: 'claim',
    statement: 'It is safe that private pfns skip is_page_fault_stale().',
    source: patch,
    of: ['P0'],
    asWritten: [
      holds('p0-fault-vs-punch'),
      holds('p0-freed-page-mapped'),
      holds('p0-freed-page-read'),
    ],
    provided: {
      condition:
        'the page stays locked from the look-up to behind the map, as the rest of the series has ' +
        'it (P0s); putting the check back is not enough, since its notifier leaves the sequence ' +
        'count alone (P0+stale), but is where the notifier advances it',
      checks: [
        holds('p0-fault-vs-punch', 'P0s'),
        holds('p0-freed-page-mapped', 'P0s'),
        holds('p0-freed-page-read', 'P0s'),
        breaks('S1', 'p0-fault-vs-punch', 'P0+stale'),
        holds('p0-fault-vs-punch', 'P0+stale~memfd-notifier-advances-seq'),
      ],
    },
    onRecord: 'conditional',
  },
  {
    id: 'PRIV-4',
    kind: 'question',
    statement:
      'Is a conversion atomic? Is KVM told once, of the hole, or twice: of the whole slot, and ' +
      'then of the rest that is allocated again?',
    source: review,
    of: ['P0s'],
    answer: [
      {
        text:
          'As posted it is told of the hole, a page at a time, each under its folio lock. One ' +
          'page changes at once; of two, a vCPU can find the first shared and the second private.',
        checks: [breaks('condition', 'p0-convert-two-pages')],
      },
      {
        text: 'A page beside the hole stays mapped throughout.',
        checks: [holds('p0-convert-neighbour')],
      },
      {
        text:
          'Told of the whole slot and then of the rest (P0s+slot), KVM unmaps the page beside the ' +
          'hole: a vCPU faults on it again, and reads what it held.',
        checks: [
          breaks('condition', 'p0-convert-neighbour', 'P0s+slot'),
          holds('p0-convert-neighbour-data'),
          holds('p0-convert-neighbour-data', 'P0s+slot'),
        ],
      },
      {
        text:
          'A TD pays with contents: what is zapped leaves the S-EPT, and comes back cleared. Told of ' +
          'the hole (6.16), the guest accepts one of two pages again, and reads the other meanwhile.',
        checks: [holds('tdx-convert-accepts', 'P5'), holds('tdx-convert-neighbour', 'P5')],
      },
      {
        text:
          'Told of the whole slot it accepts both, as many as the slot has; and a guest that does ' +
          'not know, and reads the other, ends the TD.',
        checks: [
          breaks('condition', 'tdx-convert-accepts', WHOLE_SLOT),
          holds('tdx-convert-accepts-all', WHOLE_SLOT),
          breaks('condition', 'tdx-convert-neighbour', WHOLE_SLOT),
        ],
      },
    ],
  },
  {
    id: 'PRIV-5',
    kind: 'claim',
    statement:
      'The reference to the pfn, held until the page is mapped, keeps the page from being freed ' +
      'under its mapping.',
    source: patch,
    of: ['P0'],
    asWritten: [holds('p0-freed-page-mapped')],
    onRecord: 'refuted',
    note:
      'It does while it is held. What keeps the page after that is its place in the filemap: the ' +
      'page lock (P0s) or a stale check that the hole takes part in (P1).',
  },
  {
    id: 'PRIV-6',
    kind: 'claim',
    statement:
      'A read-only slot never gets a writable mapping, an order-0 page never one above 4K; it is ' +
      'safe that kvm_mmu_max_mapping_level() returns early for private slots.',
    source: patch,
    of: ['P0', 'P0s'],
    asWritten: [
      holds('ro-slot'),
      holds('ro-private-read'),
      holds('ro-private-write'),
      ...LEVELS,
      holds('p0-level-shared', 'P0s+2M'),
    ],
    provided: {
      condition:
        'nothing writes to private memory of a read-only slot: no mapping is ever writable, but the ' +
        'write is not emulated either, and the vCPU takes the same fault for ever. And the early ' +
        'return is for private pages (P0s+2M+asks): v3 asks whether the slot is private, so that a ' +
        "page of the host's in it is mapped at 2M whatever the host maps there",
      checks: [
        holds('ro-slot'),
        holds('ro-private-read'),
        breaks('doomed', 'ro-private-write'),
        ...LEVELS,
        breaks('condition', 'p0-level-shared', 'P0s+2M'),
        holds('p0-level-shared', 'P0s+2M+asks'),
      ],
    },
    onRecord: 'conditional',
    note:
      'e563592224e0 (6.8) refuses the two flags together (ro-guest-memfd); a guest_memfd slot is ' +
      'never read-only since. 8dd2eee9d526 asks whether the fault is private. Leaves of 1G are not ' +
      'modelled: v3 compares the order with 0 and no other, so that nothing keeps a private page of ' +
      '2M from being mapped at 1G.',
  },
  {
    id: 'PRIV-7',
    kind: 'question',
    statement:
      'May a private slot be backed by something other than a memfd, such as a device, and take ' +
      'the path by hva?',
    source: review,
    of: ['P0s+hva'],
    answer: [
      {
        text:
          'It may: its pfns are then no private ones, so that they are checked for staleness, and ' +
          'nothing is mapped that has gone (S20) or was freed (S9).',
        checks: [holds('p0-hva-dontneed'), holds('p0-hva-freed-page')],
      },
      {
        text:
          'Both then rest on the MMU notifier, on each of its three parts: that it unmaps ' +
          '(P0s+hva-zap), that it says which range is in progress (-begin), and that it advances ' +
          'the sequence count (-seq).',
        checks: ['P0s+hva-zap', 'P0s+hva-begin', 'P0s+hva-seq'].flatMap((without) => [
          breaks('S20', 'p0-hva-dontneed', without),
          breaks('S9', 'p0-hva-freed-page', without),
        ]),
      },
      {
        text:
          'With a memfd neither of the latter two is needed: its own notifier unmaps under the page ' +
          'lock, which the fault holds as well until it has mapped (P0s).',
        checks: [holds('p0-fault-vs-punch', 'P0s'), holds('p0-freed-page-mapped', 'P0s')],
      },
      {
        text:
          'What is lost is the mark of what is private: that was the page cache. Private and ' +
          'shared accesses get the same page, and no exit asks for a conversion.',
        checks: [breaks('condition', 'p0-hva-both-kinds'), holds('p0-hva-both-kinds', 'P0s')],
      },
    ],
    note:
      'S3 rests on mn_active_invalidate_count besides, which keeps the slots from changing between ' +
      'the start and the end of a notification (mutation notifier-not-counted). The thread ended ' +
      'otherwise: what backs private memory must not be accessible to user space at all (Sean ' +
      'Christopherson, 2022-01-05).',
  },
];
