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
    asWritten: [
      holds('prefault-exact'),
      holds('prefault-signal'),
      holds('thp-prefault-exact', 'THP'),
      holds('thp-prefault-vs-punch', 'THP'),
      holds('huge-prefault-exact', 'H1'),
      holds('huge-prefault-exact', 'H2'),
    ],
    onRecord: 'confirmed',
    note:
      'Of leaves of 2M the call counts what lies from gpa to the end of the leaf, and of the ' +
      'range: also where another vCPU has mapped the leaf, or a hole takes it meanwhile.',
  },
  {
    id: 'PF-5',
    kind: 'claim',
    statement: 'The ioctl fails with -EOPNOTSUPP while the vCPU runs a nested guest.',
    source,
    of: ['P3p-v4', '6.12'],
    asWritten: [holds('prefault-nested'), holds('prefault-nested-no-tdp')],
    provided: {
      condition:
        'the nested guest has nested page tables (EPT, NPT): then mmu->page_fault is not ' +
        'kvm_tdp_page_fault(). Without them KVM runs it on its TDP MMU, and the call maps into ' +
        'the root that has role.guest_mode',
      checks: [
        holds('prefault-nested'),
        breaks('condition', 'prefault-nested-no-tdp'),
        holds('prefault-nested-other-root'),
      ],
    },
    onRecord: 'conditional',
    note:
      'Documentation/virt/kvm/api.rst has the condition. A vCPU that runs L1 uses another root, ' +
      'and faults on what was pre-faulted so.',
  },
  {
    id: 'PF-6',
    kind: 'claim',
    statement: 'The SMM address space is populated only by a call made while SMM is active.',
    source,
    of: ['P3p-v4', '6.12'],
    asWritten: [holds('prefault-smm'), holds('prefault-smm-inactive')],
    onRecord: 'confirmed',
    note:
      'Such a call populates no other, either. Only a VM without private memory has slots of ' +
      'SMM (kvm_arch_nr_memslot_as_ids()).',
  },
  {
    id: 'PF-7',
    kind: 'claim',
    statement:
      'Under TDX pre-population leaves the S-EPT as TDH.MEM.PAGE.ADD and TDH.MR.EXTEND need it.',
    source,
    of: ['P5', 'P7'],
    asWritten: [holds('tdx-populate'), holds('tdx-r08-prefault-before-populate', 'P5-allowed')],
    provided: {
      condition:
        'it is KVM_TDX_INIT_MEM_REGION that maps the page, and adds it in the same go; user space ' +
        'that pre-faults before KVM_TDX_FINALIZE_VM has to be refused, and is',
      checks: [
        holds('tdx-populate'),
        holds('tdx-r08-prefault-before-populate'),
        holds('tdx-r08-prefault-before-finalize'),
      ],
    },
    onRecord: 'conditional',
  },
  {
    id: 'PF-8',
    kind: 'claim',
    statement:
      'After a call that completed, the guest takes no fault on the range unless something ' +
      'invalidated it since.',
    source,
    of: ['P3p-v4'],
    asWritten: [holds('prefault-stays'), holds('prefault-nested-stays')],
    provided: {
      condition: 'the vCPU that pre-faults uses the same root (it runs no nested guest meanwhile)',
      checks: [holds('prefault-stays'), breaks('condition', 'prefault-nested-stays')],
    },
    onRecord: 'conditional',
    note:
      'Of guest_memfd pages: every mapping here may be written to, so a page of the host that ' +
      'was pre-faulted for reading and is then written is not asked.',
  },
  {
    id: 'PF-9',
    kind: 'claim',
    statement:
      'KVM_CAP_PRE_FAULT_MEMORY is reported for each VM, so that a type of VM may lack it.',
    source,
    of: ['P3p-v4', '6.12'],
    asWritten: [
      holds('prefault-capability'),
      holds('prefault-capability-shadow'),
      holds('prefault-capability-launch'),
    ],
    provided: {
      condition:
        'the VM is asked whether pre-faults can ever succeed: x86 answers tdp_enabled, alike for ' +
        'every VM. That one refuses them until its launch has finished, only the ioctl says',
      checks: [
        holds('prefault-capability'),
        holds('prefault-capability-shadow'),
        breaks('condition', 'prefault-capability-launch'),
      ],
    },
    onRecord: 'conditional',
    note: 'No type of x86 VM lacks it. KVM_CHECK_EXTENSION of a VM has the VM to ask, unused.',
  },
];
