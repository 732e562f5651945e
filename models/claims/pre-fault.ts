import { breaks, holds, type Claim } from './claim.js';

const source = '[PATCH v4 0/6] KVM: Guest Memory Pre-Population API, 2024-04-19';

/** What the cover letter of KVM_PRE_FAULT_MEMORY says of its return codes and its progress. */
export const preFault: readonly Claim[] = [
  {
    id: 'PF-1',
    kind: 'claim',
    statement:
      'RET_PF_RETRY is retried inside KVM; only a pending signal makes the ioctl give up before ' +
      'the fault succeeds or fails.',
    source,
    of: ['P3p-v4'],
    asWritten: [holds('prefault-vs-punch'), breaks('doomed', 'prefault-vs-delete-slot')],
    onRecord: 'confirmed',
    note:
      'Taken at its word it is a flaw: a slot that is being deleted waits for the ioctl, and the ' +
      'ioctl for the slot, until there is a signal.',
  },
  {
    id: 'PF-2',
    kind: 'claim',
    statement: 'RET_PF_EMULATE, a gfn without a slot, is reported as -ENOENT.',
    source,
    of: ['P3p-v4'],
    asWritten: [holds('prefault-past-slot')],
    onRecord: 'confirmed',
  },
  {
    id: 'PF-3',
    kind: 'claim',
    statement:
      'An error is returned only if it came on the first page; otherwise the ioctl succeeds and ' +
      'leaves the size non-zero.',
    source,
    of: ['P3p-v4'],
    asWritten: [holds('prefault-signal')],
    onRecord: 'confirmed',
  },
  {
    id: 'PF-4',
    kind: 'claim',
    statement:
      'Size and gpa advance by exactly the pages that were mapped, whatever else goes on; none ' +
      'is skipped, none counted twice.',
    source,
    of: ['P3p-v4'],
    asWritten: [holds('prefault-exact'), holds('prefault-signal')],
    onRecord: 'confirmed',
    note: 'Pages are 4K here: how far a huge mapping advances them is not asked.',
  },
  {
    id: 'PF-5',
    kind: 'unmodelled',
    statement: 'The ioctl fails with -EOPNOTSUPP while the vCPU runs a nested guest.',
    source,
    needs: 'nested guests',
  },
  {
    id: 'PF-6',
    kind: 'unmodelled',
    statement: 'The SMM address space is populated only by a call made while SMM is active.',
    source,
    needs: 'a second address space of a vCPU',
  },
  {
    id: 'PF-7',
    kind: 'unmodelled',
    statement:
      'Under TDX pre-population leaves the S-EPT as TDH.MEM.PAGE.ADD and TDH.MR.EXTEND need it.',
    source,
    needs: 'the TDX module and its S-EPT',
  },
  {
    id: 'PF-8',
    kind: 'claim',
    statement:
      'After a call that completed, the guest takes no fault on the range unless something ' +
      'invalidated it since.',
    source,
    of: ['P3p-v4'],
    asWritten: [holds('prefault-stays')],
    onRecord: 'confirmed',
    note:
      'Of guest_memfd pages: every mapping here may be written to, so a page of the host that ' +
      'was pre-faulted for reading and is then written is not asked.',
  },
  {
    id: 'PF-9',
    kind: 'unmodelled',
    statement:
      'KVM_CAP_PRE_FAULT_MEMORY is reported for each VM, so that a type of VM may lack it.',
    source,
    needs: 'KVM_CHECK_EXTENSION',
    note: 'As read in 6.12.117, arch/x86/kvm/x86.c answers tdp_enabled, alike for every VM.',
  },
];
