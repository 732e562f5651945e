import { again } from '../../../../src/core/index.js';
import { EIO } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import type { Vcpu } from '../../../state/structs.js';
import { isInvalidCopy } from '../../memslots.js';
import { RET_PF_RETRY } from '../../ret_pf.js';
import { accessedBeforeAccept, hasEvents, isVmDead } from '../vcpu.js';

/**
 * The level that the guest accepts at comes first. The local retry is that of the fault
 * alone; an error of the split is for the guest to try again (RFC v2).
 */
export const tdx_handle_ept_violation = from(
  'arch/x86/kvm/vmx/tdx.c',
  'TDX huge pages, RFC v2 14/23 (2025-08-07)',
)(function* tdx_handle_ept_violation(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isPrivate: boolean,
  isPending: boolean,
  acceptLevel: number = 0,
) {
  if (isPending) return yield* accessedBeforeAccept(k);
  if (acceptLevel > 0 && (yield* k.tdx_check_accept_level(vcpu, gfn, acceptLevel)) !== 0)
    return RET_PF_RETRY;
  const r = yield* k.kvm_mmu_page_fault(vcpu, gfn, true, isPrivate);
  if (r !== RET_PF_RETRY || !isPrivate) return r;
  if (yield* hasEvents(k)) return r;
  if (yield* isVmDead(k)) return -EIO;
  if (isInvalidCopy(yield* k.gfn_to_memslot(k.kvm, gfn))) return r;
  return yield* again(vcpu, gfn, isPrivate, isPending, 0);
});
