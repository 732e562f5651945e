import { breaks, holds, type Claim } from './claim.js';

const source = 'b85524314a3d ("KVM: guest_memfd: delay kvm_gmem_prepare_folio() ...")';

/** What the message of b85524314a3d says: preparation moves from fallocate() to the fault. */
export const delayPrepare: readonly Claim[] = [
  {
    id: 'PREP-1',
    kind: 'claim',
    statement:
      'Where fallocate() prepares (P2), what it allocated cannot be populated for SNP afterwards; ' +
      'where the fault prepares, it can.',
    source,
    of: ['P3'],
    asWritten: [
      breaks('condition', 'prep-1-populate-after-allocate', 'P2-early'),
      breaks('condition', 'prep-1-populate-after-allocate', 'P2'),
      holds('prep-1-populate-after-allocate'),
    ],
    onRecord: 'confirmed',
  },
  {
    id: 'PREP-2',
    kind: 'claim',
    statement:
      'By the time of its first access through kvm_gmem_get_pfn() a page is cleared of stale host ' +
      'data and known to the firmware: no schedule shows the guest anything else.',
    source,
    of: ['P3'],
    asWritten: [
      holds('prep-2-first-access'),
      holds('fault-vs-punch'),
      holds('prepare-fails'),
      holds('allocate-fails'),
      holds('populate-after-launch'),
      holds('prep-8-other-vm'),
    ],
    provided: {
      condition:
        'user space populates nothing once the launch has finished, and no other VM has a file on ' +
        'the inode',
      checks: [
        holds('prep-2-first-access'),
        holds('fault-vs-punch'),
        holds('prepare-fails'),
        holds('allocate-fails'),
      ],
    },
    onRecord: 'conditional',
    note:
      'S5 and S17 are checked in every state of these tests. Of the two parts of the condition ' +
      'the second is not needed since 6dd761d92f66 (P3z).',
  },
  {
    id: 'PREP-3',
    kind: 'claim',
    statement:
      'A page that kvm_gmem_populate() filled is not cleared or prepared by a later fault.',
    source,
    of: ['P3'],
    asWritten: [holds('prep-3-populated-page-kept')],
    onRecord: 'confirmed',
  },
  {
    id: 'PREP-4',
    kind: 'claim',
    statement:
      'PUNCH_HOLE can race with a fault so that a page is prepared and in the filemap when ' +
      'fallocate() has returned.',
    source,
    of: ['P3'],
    asWritten: [breaks('S4s', 'prep-4-page-left-in-hole'), breaks('condition', 'prep-4-prepared')],
    onRecord: 'confirmed',
    note:
      'The message calls it new. It is not: P2 has it, and without the firmware 6.8 has it ' +
      'as well (prep-4-sw).',
  },
  {
    id: 'PREP-5',
    kind: 'claim',
    statement:
      'That race is harmless: no mapping to a freed page, no leak of data or of an RMP entry, ' +
      'and another punch removes the page.',
    source,
    of: ['P3'],
    asWritten: [
      holds('fault-vs-punch'),
      holds('punch-loses-data'),
      holds('prep-5-second-punch'),
      holds('prep-5-last-close'),
    ],
    onRecord: 'confirmed',
  },
  {
    id: 'PREP-6',
    kind: 'claim',
    statement:
      'Clearing the private attribute before the punch avoids that race: the fault then exits to ' +
      'user space.',
    source,
    of: ['P3'],
    asWritten: [holds('prep-6-attribute-first')],
    provided: {
      condition:
        'no fault that began before the attribute was cleared is still under way when the hole ' +
        'is punched: a fault compares the attribute once, before it looks the page up',
      checks: [holds('prep-6-fault-begins-later'), holds('prep-6-fault-ends-first')],
    },
    onRecord: 'conditional',
  },
  {
    id: 'PREP-7',
    kind: 'claim',
    statement:
      'KVM_PRE_FAULT_MEMORY gives back what fallocate() did before: pages prepared ahead of ' +
      'running the guest.',
    source,
    of: ['P3'],
    asWritten: [holds('prep-7-prefault-prepares'), holds('prep-7-before-launch')],
    provided: {
      condition:
        'the SNP launch has finished: until then the ioctl is refused (5932ca411e53, in the same ' +
        'series), where fallocate() was not',
      checks: [holds('prep-7-prefault-prepares')],
    },
    onRecord: 'conditional',
  },
  {
    id: 'PREP-8',
    kind: 'claim',
    statement:
      'A fault in one VM has the page prepared for every VM that has the guest_memfd bound; the ' +
      'clean-up that follows prepares for the faulting VM alone.',
    source,
    of: ['P3'],
    asWritten: [
      ...['P2', 'P3'].map((before) => breaks('S5', 'prep-8-other-vm', before)),
      ...['P3z', '6.12', 'P9'].map((since) => holds('prep-8-other-vm', since)),
    ],
    onRecord: 'confirmed',
    note:
      'The page is assigned to the VM that is asked first, and to the others no more: the one that ' +
      'faults may map what is not its own. Upstream an inode has one file, and so one VM.',
  },
];
