import { step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { gfnsBehind } from '../state/hva.js';
import type { Kvm } from '../state/structs.js';
import { overlapping, unmapSlots } from './attributes.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK, kvm_srcu_read_lock, kvm_srcu_read_unlock } from './locks.js';

/**
 * The MMU notifier: how KVM hears of pages of the VMM's own memory that go. Ranges
 * are of these pages. Where no slot is met, nothing
 * is begun and nothing ended: mn_active_invalidate_count keeps the slots as they
 * are in between, so that both find the same.
 */

const kvm_main = from('virt/kvm/kvm_main.c', '6.12.117');

/** enum kvm_gfn_range_filter: acts where there is a mirror root. */
const KVM_FILTER_SHARED = 1;

export const kvm_mmu_notifier_invalidate_range_start = kvm_main(
  function* kvm_mmu_notifier_invalidate_range_start(
    k: Kernel,
    kvm: Kvm,
    start: number,
    end: number,
  ) {
    yield* step('kvm->mn_active_invalidate_count++', () => countActive(kvm, 1));
    yield* kvm_srcu_read_lock(kvm);
    const slots = yield* slotsInHvaRange(k, kvm, start, end);
    yield* unmapSlots(k, kvm, start, end, slots, KVM_FILTER_SHARED, gfnsBehind);
    yield* kvm_srcu_read_unlock(kvm);
  },
);

export const kvm_mmu_notifier_invalidate_range_end = kvm_main(
  function* kvm_mmu_notifier_invalidate_range_end(k: Kernel, kvm: Kvm, start: number, end: number) {
    yield* kvm_srcu_read_lock(kvm);
    if ((yield* slotsInHvaRange(k, kvm, start, end)) !== 0) {
      yield* KVM_MMU_LOCK(kvm);
      yield* k.kvm_mmu_invalidate_end(kvm);
      yield* KVM_MMU_UNLOCK(kvm);
    }
    yield* kvm_srcu_read_unlock(kvm);
    yield* step('kvm->mn_active_invalidate_count--', () => countActive(kvm, -1));
  },
);

/** Under mn_invalidate_lock, which is held for this alone. */
function countActive(kvm: Kvm, change: number): void {
  const { mn_active_invalidate_count: count } = kvm;
  count.store(0, count.load(0) + change);
}

/** The slots are looked up in the array that is there by now. */
const slotsInHvaRange = (k: Kernel, kvm: Kvm, start: number, end: number) =>
  step('kvm_for_each_memslot_in_hva_range()', () => overlapping(k, kvm, start, end, gfnsBehind));
