import { step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { PG_LEVEL_4K } from '../state/leaves.js';
import type { Kvm, Vcpu } from '../state/structs.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from './locks.js';
import { INVALID_COPY } from './memslots.js';
import { kvm_mem_is_private } from './mmu.js';
import { snp_lookup_rmpentry } from './sev_thp.js';

const sev = from('arch/x86/kvm/svm/sev.c', '6.12.117');

/**
 * The guest has met an RMP entry that is larger than its SPTE. No sequence count is looked at,
 * nor whether the slot is about to go; what is wrong is warned of, and the guest entered again.
 */
export const sev_handle_rmp_fault = sev(function* sev_handle_rmp_fault(
  k: Kernel,
  { kvm }: Vcpu,
  gfn: number,
) {
  if (!(yield* kvm_mem_is_private(k, kvm, gfn))) return;
  const found = yield* k.gfn_to_memslot(kvm, gfn);
  const slot = k.slots[found % INVALID_COPY];
  const can = slot && (yield* step('kvm_slot_can_be_private(slot)', () => +slot.can_be_private));
  if (!can) return;
  const pfn = yield* k.kvm_gmem_get_pfn(kvm, slot, gfn);
  if (pfn < 0) return;
  yield* splitEntry(k, kvm, gfn, pfn);
  yield* k.kvm_release_pfn_clean(pfn);
});

/** An entry that is of 4K by now was split by another vCPU's fault: nothing is left to do. */
function* splitEntry(k: Kernel, kvm: Kvm, gfn: number, pfn: number) {
  const level = yield* snp_lookup_rmpentry(k, pfn);
  if (level === 0 || level === PG_LEVEL_4K) return;
  const failed = yield* k.snp_rmptable_psmash(pfn);
  if (failed && (yield* snp_lookup_rmpentry(k, pfn)) === PG_LEVEL_4K) return;
  yield* k.kvm_zap_gfn_range(kvm, gfn, gfn + k.shape.huge!.leaf);
}

/** From the gfn of the fault, wherever in the 2M that is. The caller is in an SRCU section. */
export const kvm_zap_gfn_range = from(
  'arch/x86/kvm/mmu/mmu.c',
  '6.12.117',
)(function* kvm_zap_gfn_range(k: Kernel, kvm: Kvm, start: number, end: number) {
  yield* KVM_MMU_LOCK(kvm);
  yield* k.kvm_mmu_invalidate_begin(kvm);
  yield* k.kvm_mmu_invalidate_range_add(kvm, start, Math.min(end, k.shape.gfns));
  const flush = yield* k.kvm_unmap_gfn_range(kvm, start, Math.min(end, k.shape.gfns));
  if (flush) yield* k.kvm_flush_remote_tlbs(kvm);
  yield* k.kvm_mmu_invalidate_end(kvm);
  yield* KVM_MMU_UNLOCK(kvm);
});
