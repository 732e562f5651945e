import { again, type Flow } from '../../../../src/core/index.js';
import { EIO } from '../../../errno.js';
import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import type { Vcpu } from '../../../state/structs.js';
import { isInvalidCopy } from '../../memslots.js';
import { RET_PF_RETRY } from '../../ret_pf.js';
import { accessedBeforeAccept, hasEvents, isVmDead } from '../vcpu.js';

/**
 * The level that the guest accepts at comes first. The local retry is that of the fault
 * alone. An error of the split the guest is to try again (RFC v2), or user space gets it (v3).
 */
const handler = (fails: (r: number) => number) =>
  function* tdx_handle_ept_violation(
    k: Kernel,
    vcpu: Vcpu,
    gfn: number,
    isPrivate: boolean,
    isPending: boolean,
    acceptLevel: number = 0,
  ): Flow<number> {
    if (isPending) return yield* accessedBeforeAccept(k);
    if (acceptLevel > 0) {
      const failed = yield* k.tdx_check_accept_level(vcpu, gfn, acceptLevel);
      if (failed !== 0) return fails(failed);
    }
    const r = yield* k.kvm_mmu_page_fault(vcpu, gfn, true, isPrivate);
    if (r !== RET_PF_RETRY || !isPrivate) return r;
    if (yield* hasEvents(k)) return r;
    if (yield* isVmDead(k)) return -EIO;
    if (isInvalidCopy(yield* k.gfn_to_memslot(k.kvm, gfn))) return r;
    return yield* again(vcpu, gfn, isPrivate, isPending, 0);
  };

const tdx = (version: string) => from('arch/x86/kvm/vmx/tdx.c', version);

export const tdx_handle_ept_violation = tdx('TDX huge pages, RFC v2 14/23 (2025-08-07)')(
  handler(() => RET_PF_RETRY),
);
export const tdx_handle_ept_violation_v3 = tdx('TDX huge pages, v3 13/24 (2026-01-06)')(
  handler((r) => r),
);
