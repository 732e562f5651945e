import { KVM_MMU_LOCK, KVM_MMU_UNLOCK, mmu_read_lock, mmu_read_unlock } from '../../flows/locks.js';
import * as mirror from '../../flows/tdx/mirror.js';
import { accessedBeforeAccept } from '../../flows/tdx/vcpu.js';
import { kvm_arch_vcpu_pre_fault_memory } from '../P2.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import type { Kvm, Vcpu } from '../../state/structs.js';
import { P5 } from './index.js';

/** 6.16 as it was on the list before this or that was found. */

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'before v6.16');

export const P5kick = protocol(P5, {
  id: 'P5-kick',
  title: '6.16 without 4b2abc49712b: a busy SEAMCALL is tried once more, and that is all',
  functions: {
    tdx_no_vcpus_enter_start: tdx(function* tdx_no_vcpus_enter_start() {}),
  },
});

export const P5retry = protocol(P5, {
  id: 'P5-retry',
  title: '6.16 without the local retry: the guest is entered with the fault unresolved',
  functions: {
    tdx_handle_ept_violation: tdx(function* tdx_handle_ept_violation(
      k: Kernel,
      vcpu: Vcpu,
      gfn: number,
      isPrivate: boolean,
      isPending: boolean,
    ) {
      if (isPending) return yield* accessedBeforeAccept(k);
      return yield* k.kvm_mmu_page_fault(vcpu, gfn, true, isPrivate);
    }),
  },
});

export const P5allowed = protocol(P5, {
  id: 'P5-allowed',
  title: '6.16 without pre_fault_allowed: pre-faults of a TD that is not finalized',
  functions: { kvm_arch_vcpu_pre_fault_memory },
});

export const P5shared = protocol(P5, {
  id: 'P5-shared',
  title: '6.16, but leaves of the mirror are zapped with mmu_lock held for reading',
  functions: {
    tdp_mmu_zap_mirror_leaf: tdx(function* tdp_mmu_zap_mirror_leaf(
      k: Kernel,
      kvm: Kvm,
      gfn: number,
    ) {
      yield* KVM_MMU_UNLOCK(kvm);
      yield* mmu_read_lock(kvm);
      yield* mirror.tdp_mmu_zap_mirror_leaf(k, kvm, gfn);
      yield* mmu_read_unlock(kvm);
      yield* KVM_MMU_LOCK(kvm);
    }),
  },
});
