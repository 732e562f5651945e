import { kvm_arch_flush_shadow_memslot } from '../flows/flush_shadow.js';
import { kvm_tdp_mmu_page_fault_finish } from '../flows/mmu.js';
import { protocol } from '../protocol.js';
import { P3z } from './P3z.js';

/**
 * slot->gmem.file is no RCU pointer any more (67b43038ce14): a fault is kept off
 * a slot that goes by SRCU alone. The grace period that this drops from unbind
 * and release guarded one look-up, which is one step here, in every version.
 */
export const P4 = protocol(P3z, {
  id: 'P4',
  title: 'Linux 6.13: pages are given back under mmu_lock, slots zap their own leaves',
  functions: {
    kvm_tdp_mmu_page_fault: kvm_tdp_mmu_page_fault_finish,
    kvm_arch_flush_shadow_memslot,
  },
});
