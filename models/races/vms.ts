import type { Race } from './race.js';

/** Several VMs on one inode, which upstream never has: KVM_LINK_GUEST_MEMFD is an RFC. */
export const vmRaces: readonly Race[] = [
  {
    number: 'R05',
    id: 'prepared-for-another-vm',
    kind: 'race',
    what: 'A fault in one VM prepares the page for another VM first, and for itself no more.',
    source: '6dd761d92f66',
    breaks: { test: 'prep-8-other-vm', under: 'P3', property: 'S5' },
    mended: {
      test: 'prep-8-other-vm',
      under: 'P3z',
      by: '6dd761d92f66: the VM whose fault it is',
    },
  },
  {
    number: 'R05',
    id: 'slot-of-another-vm',
    kind: 'race',
    what: 'That fault reads a slot of the other VM, whose deletion does not wait for it.',
    source: 'virt/kvm/guest_memfd.c, kvm_gmem_prepare_folio() before 6dd761d92f66',
    breaks: { test: 'vms-prepare-vs-delete-slot', under: 'P3', property: 'S10' },
    mended: { test: 'vms-prepare-vs-delete-slot', under: 'P3z', by: '6dd761d92f66' },
  },
  {
    number: 'R05',
    id: 'file-of-another-vm',
    kind: 'race',
    what: "That fault walks the inode's list without its lock: a release frees what it stands on.",
    source: 'virt/kvm/guest_memfd.c, kvm_gmem_prepare_folio() before 6dd761d92f66',
    breaks: { test: 'vms-prepare-vs-close', under: 'P3', property: 'S10' },
    mended: { test: 'vms-prepare-vs-close', under: 'P3z', by: '6dd761d92f66' },
  },
];
