import { again } from '../../../src/core/index.js';
import { EIO } from '../../errno.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import type { Vcpu } from '../../state/structs.js';
import { isInvalidCopy } from '../memslots.js';
import { RET_PF_RETRY } from '../ret_pf.js';
import { accessedBeforeAccept, hasEvents, isVmDead } from './vcpu.js';

/** A slot on its way out ends the local retry: its deletion waits for this vCPU's SRCU. */
export const tdx_handle_ept_violation = from(
  'arch/x86/kvm/vmx/tdx.c',
  '2bc2694fe20b (v6.18)',
)(function* tdx_handle_ept_violation(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isPrivate: boolean,
  isPending: boolean,
) {
  if (isPending) return yield* accessedBeforeAccept(k);
  const r = yield* k.kvm_mmu_page_fault(vcpu, gfn, true, isPrivate);
  if (r !== RET_PF_RETRY || !isPrivate) return r;
  if (yield* hasEvents(k)) return r;
  if (yield* isVmDead(k)) return -EIO;
  if (isInvalidCopy(yield* k.gfn_to_memslot(k.kvm, gfn))) return r;
  return yield* again();
});
