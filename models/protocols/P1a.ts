import { EFAULT } from '../errno.js';
import { isInvalidCopy } from '../flows/memslots.js';
import { mmu_invalidate_retry_gfn_unsafe } from '../flows/invalidate.js';
import { RET_PF_CONTINUE, RET_PF_RETRY } from '../flows/ret_pf.js';
import {
  __kvm_faultin_pfn,
  kvm_handle_noslot_fault,
  kvm_mem_is_private,
  snapshot_mmu_seq,
} from '../flows/mmu.js';
import type { Kernel } from '../kernel.js';
import { __kvm_set_memory_region_toggles } from '../flows/memslots.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { NONE } from '../state/shape.js';
import { FOLIO_REF, MMU_SEQ, type Vcpu } from '../state/structs.js';
import { P1 } from './P1/index.js';

const mmu = from('arch/x86/kvm/mmu/mmu.c', 'v6.8-rc6 (d02c357e5bfa)');

/** Lockless checks before and after the look-up of the pfn. */
const kvm_faultin_pfn = mmu(
  function* kvm_faultin_pfn(k: Kernel, vcpu: Vcpu, slot: number, gfn: number, isPrivate: boolean) {
    yield* snapshot_mmu_seq(k, vcpu.kvm);
    if (slot !== NONE && (yield* k.mmu_invalidate_retry_gfn_unsafe(vcpu.kvm, gfn)))
      return [RET_PF_RETRY, NONE] as const;
    if (isInvalidCopy(slot)) return [RET_PF_RETRY, NONE] as const;
    if ((yield* kvm_mem_is_private(k, vcpu.kvm, gfn)) !== isPrivate) {
      yield* k.kvm_mmu_prepare_memory_fault_exit(vcpu, isPrivate);
      return [-EFAULT, NONE] as const;
    }
    if (slot === NONE) return yield* kvm_handle_noslot_fault(k, vcpu, isPrivate);
    const [r, pfn] = yield* __kvm_faultin_pfn(k, vcpu, slot, gfn, isPrivate);
    if (r !== RET_PF_CONTINUE) return [r, NONE] as const;
    if (yield* k.mmu_invalidate_retry_gfn_unsafe(vcpu.kvm, gfn)) {
      yield* k.kvm_release_pfn_clean(pfn);
      return [RET_PF_RETRY, NONE] as const;
    }
    return [RET_PF_CONTINUE, pfn] as const;
  },
  [MMU_SEQ, FOLIO_REF],
);

export const P1a = protocol(P1, {
  id: 'P1a',
  title: 'Linux 6.8: lockless retry checks around the pfn look-up',
  readonlyGmem: false,
  functions: {
    __kvm_set_memory_region: __kvm_set_memory_region_toggles,
    kvm_faultin_pfn,
    mmu_invalidate_retry_gfn_unsafe,
  },
});
