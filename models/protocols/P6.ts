import { hostMappings } from '../flows/gmem_fault.js';
import { kvm_faultin_pfn_eagain } from '../flows/mmu.js';
import { kvm_mmu_reload_obsolete } from '../flows/prefault.js';
import { protocol } from '../protocol.js';
import { P4 } from './P4.js';
import { kvm_gmem_unbind } from './v6_12.js';

/**
 * The host may map a guest_memfd, and a slot of one that it can map has no other
 * memory. Of 6.16 it has the obsolete roots (20a6cff3b283); the head and tail of
 * a huge page that a change of attributes cuts (9129633d568e) are nothing where
 * all pages are 4K.
 */
export const P6 = protocol(P4, {
  id: 'P6',
  title: 'Linux 6.18: the host can map guest_memfd, a pre-fault gives up a dying slot',
  functions: {
    ...hostMappings,
    kvm_gmem_unbind,
    kvm_faultin_pfn: kvm_faultin_pfn_eagain,
    kvm_mmu_reload: kvm_mmu_reload_obsolete,
  },
});
