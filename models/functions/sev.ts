import type { Flow } from '../../src/core/index.js';
import type { Kvm, Vcpu } from '../state/structs.js';

/** arch/x86/kvm/svm/sev.c, arch/x86/virt/svm/sev.c */
export interface SevFunctions {
  snp_launch_update(kvm: Kvm, gfn: number, npages: number, value: number): Flow<readonly number[]>;
  snp_launch_finish(kvm: Kvm): Flow<number>;
  /** 0, or that it failed */
  snp_rmptable_psmash(pfn: number): Flow<number>;
  rmpupdate(pfn: number, level: number): Flow<void>;
  sev_handle_rmp_fault(vcpu: Vcpu, gfn: number): Flow;
}
