import { hostMappings } from '../flows/gmem_fault.js';
import { kvm_faultin_pfn_eagain } from '../flows/mmu.js';
import { tdx_handle_ept_violation } from '../flows/tdx/v6_18.js';
import { protocol } from '../protocol.js';
import { P5 } from './P5/index.js';
import { kvm_gmem_unbind } from './v6_12.js';

/**
 * The host may map a guest_memfd, and a slot of one that it can map has no other
 * memory. The head and tail of a huge page that a change of attributes cuts
 * (9129633d568e, 6.16) are nothing where all pages are 4K.
 */
export const P6 = protocol(P5, {
  id: 'P6',
  title: 'Linux 6.18: the host can map guest_memfd, a pre-fault gives up a dying slot',
  functions: {
    ...hostMappings,
    kvm_gmem_unbind,
    kvm_faultin_pfn: kvm_faultin_pfn_eagain,
    tdx_handle_ept_violation,
  },
});
