import type { Flow } from '../../src/core/index.js';
import type { Vcpu } from '../state/structs.js';

/** arch/x86/kvm/x86.c */
export interface X86Functions {
  kvm_arch_vcpu_ioctl_run(
    vcpu: Vcpu,
    gfn: number,
    write: boolean,
    value: number,
    isPrivate: boolean,
    /** Level of the page that a TD's guest accepts. */
    accept?: number,
  ): Flow<readonly number[]>;
  vcpu_run(
    vcpu: Vcpu,
    gfn: number,
    write: boolean,
    value: number,
    isPrivate: boolean,
    /** Level of the page that a TD's guest accepts. */
    accept?: number,
  ): Flow<readonly [number, number]>;
}
