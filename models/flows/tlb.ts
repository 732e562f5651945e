import { step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import type { Kvm } from '../state/structs.js';
import { dropTlbs } from '../state/tlb.js';

/**
 * Returns when no vCPU in the guest runs on what it had cached (the request is
 * one that is waited for); others flush before they enter it. One step: a vCPU
 * that is kicked before another one walks the tables anew, as one does whose
 * TLB dropped the entry by itself.
 */
export const kvm_flush_remote_tlbs = from(
  'virt/kvm/kvm_main.c',
  '6.12.117',
)(function* kvm_flush_remote_tlbs(k: Kernel, kvm: Kvm) {
  yield* step('kvm_make_all_cpus_request(kvm, KVM_REQ_TLB_FLUSH)', () => dropTlbs(k, kvm));
});
