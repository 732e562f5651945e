import { answered, without } from './edit.js';
import { by, type Mutation } from './mutation.js';

/** What the host does through its own mapping. */
export const host: readonly Mutation[] = [
  {
    id: 'truncate-leaves-host-ptes',
    base: 'P6',
    why: 'truncation does not unmap a folio from the VMM first',
    change: (f) => ({
      truncate_first_pass: without(f.truncate_first_pass, ['truncate_cleanup_folio']),
    }),
    caught: by('S8', 'mmap-vs-punch'),
  },
  {
    id: 'host-maps-private-file',
    base: 'P6',
    why: 'a host fault does not look at GUEST_MEMFD_FLAG_INIT_SHARED',
    change: (f) => ({
      kvm_gmem_fault_user_mapping: answered(
        f.kvm_gmem_fault_user_mapping,
        'flags & GUEST_MEMFD_FLAG_INIT_SHARED',
        1,
      ),
    }),
    caught: by('S8', 'mmap-private'),
  },
  {
    id: 'host-page-not-cleared',
    base: 'P6',
    why: 'a host fault maps a new page without clearing it',
    change: (f) => ({
      kvm_gmem_fault_user_mapping: without(f.kvm_gmem_fault_user_mapping, ['clear_highpage']),
    }),
    caught: by('S17', 'mmap-vs-punch'),
  },
  {
    id: 'shared-fault-at-userspace-addr',
    base: 'P6',
    why: 'a shared fault in a gmem-only slot goes to userspace_addr',
    change: (f) => ({
      kvm_faultin_pfn: answered(f.kvm_faultin_pfn, 'kvm_memslot_is_gmem_only(slot)', 0),
    }),
    caught: by('condition', 'mmap-same-page'),
  },
];
