import { EFAULT } from '../../errno.js';
import { isInvalidCopy } from '../../flows/memslots.js';
import { RET_PF_CONTINUE, RET_PF_INVALID, RET_PF_RETRY } from '../../flows/ret_pf.js';
import {
  __kvm_faultin_pfn,
  kvm_handle_noslot_fault,
  kvm_mem_is_private,
  rememberWrite,
  snapshot_mmu_seq,
} from '../../flows/mmu.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import { FOLIO_REF, MMU_SEQ, type Vcpu } from '../../state/structs.js';

const mmu = from('arch/x86/kvm/mmu/mmu.c', 'v6.8 before -rc6 (8dd2eee9d526)');

/** The attribute is asked for every fault, MMIO SPTE or not. */
export const kvm_mmu_page_fault = mmu(function* kvm_mmu_page_fault(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  write: boolean,
  _isPrivate: boolean,
  rsvd = false,
) {
  if (k.shape.slotFlags) yield* rememberWrite(vcpu, write);
  const r = rsvd ? yield* k.handle_mmio_page_fault(vcpu.kvm, gfn) : RET_PF_INVALID;
  if (r !== RET_PF_INVALID) return r;
  return yield* k.kvm_mmu_do_page_fault(
    vcpu,
    gfn,
    yield* kvm_mem_is_private(k, vcpu.kvm, gfn),
    false,
  );
});

/** The order of 6.8: the slot is looked at before the attribute. */
export const kvm_faultin_pfn = mmu(
  function* kvm_faultin_pfn(k: Kernel, vcpu: Vcpu, slot: number, gfn: number, isPrivate: boolean) {
    yield* snapshot_mmu_seq(k, vcpu.kvm);
    if (isInvalidCopy(slot)) return [RET_PF_RETRY, NONE] as const;
    if ((yield* kvm_mem_is_private(k, vcpu.kvm, gfn)) !== isPrivate) {
      yield* k.kvm_mmu_prepare_memory_fault_exit(vcpu, isPrivate);
      return [-EFAULT, NONE] as const;
    }
    if (slot === NONE) return yield* kvm_handle_noslot_fault(k, vcpu, isPrivate);
    const [r, pfn] = yield* __kvm_faultin_pfn(k, vcpu, slot, gfn, isPrivate);
    return r === RET_PF_CONTINUE ? ([RET_PF_CONTINUE, pfn] as const) : ([r, NONE] as const);
  },
  [MMU_SEQ, FOLIO_REF],
);
