import { step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { deref } from '../state/bugs.js';
import { NONE } from '../state/shape.js';
import { OBSOLETE_ROOT, VALID_ROOT, type Kvm, type Slot } from '../state/structs.js';
import { dropTlbs } from '../state/tlb.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from './locks.js';

/**
 * Since 6.12, outside default VMs: only the slot's own leaves go. SMM has slots of its
 * own in default VMs alone, and there KVM_X86_QUIRK_SLOT_ZAP_ALL is taken to be on.
 */
export const kvm_arch_flush_shadow_memslot = from(
  'arch/x86/kvm/mmu/mmu.c',
  '6.12.117',
)(function* kvm_arch_flush_shadow_memslot(k: Kernel, kvm: Kvm, slot: Slot) {
  if (k.shape.smmSlots || k.shape.defaultVm) return yield* zapAllFast(k, kvm);
  const base = yield* step('slot->base_gfn', () => deref(k, slot).base_gfn);
  const npages = yield* step('slot->npages', () => deref(k, slot).npages);
  yield* KVM_MMU_LOCK(kvm);
  const flush = yield* k.kvm_unmap_gfn_range(kvm, base, base + npages);
  if (flush) yield* k.kvm_flush_remote_tlbs(kvm);
  yield* KVM_MMU_UNLOCK(kvm);
});

/**
 * Until 6.11, every VM: all roots become obsolete at once. A vCPU inside the
 * guest is kicked out before the call returns, so that the moment in which it
 * still walks its old root is like the moment before; it drops the root when
 * it next enters the guest, and kvm_mmu_load() flushes its TLB with it.
 */
export const kvm_mmu_zap_all_fast = from(
  'arch/x86/kvm/mmu/mmu.c',
  'v6.8',
)(function* kvm_arch_flush_shadow_memslot(k: Kernel, kvm: Kvm, _slot: Slot) {
  yield* zapAllFast(k, kvm);
});

function* zapAllFast(k: Kernel, kvm: Kvm) {
  yield* KVM_MMU_LOCK(kvm);
  yield* step('kvm_mmu_zap_all_fast(): roots obsolete, vCPUs kicked', () => {
    for (let i = 0; i < kvm.sptes.length; i++) kvm.sptes.store(i, NONE);
    dropTlbs(k, kvm);
    for (const vcpu of k.vcpus.filter((v) => v.kvm === kvm))
      if (vcpu.root === VALID_ROOT) vcpu.root = OBSOLETE_ROOT;
  });
  yield* KVM_MMU_UNLOCK(kvm);
}
