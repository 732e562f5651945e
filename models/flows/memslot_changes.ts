import { step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { setSlotFlags } from '../state/flags.js';
import { MMIO, MMIO_OLD, NONE } from '../state/shape.js';
import { ABSENT, INVALID, VISIBLE, type Kvm, type Slot } from '../state/structs.js';
import { kvm_synchronize_srcu } from './locks.js';

/** kvm_set_memslot(): what enum kvm_mr_change comes to, slots_lock held. */

const kvm_main = from('virt/kvm/kvm_main.c', '6.12.117');

/**
 * Publishes a slot's new state and waits for the readers of the old array. The
 * generation is marked before the one and advanced after the other; the mark
 * alone makes every MMIO SPTE old, so it is one step with the pointer. Where no
 * MMIO SPTE can outlive its reason, the generation is left out. MMU notifiers that
 * have started are waited for, under the lock that they count themselves under.
 */
export function* kvm_swap_active_memslots(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  word: string,
  state: number,
  also = () => {},
) {
  yield* step(
    `rcu_assign_pointer(kvm->memslots): slot ${word}`,
    () => {
      kvm.memslots.store(k.slots.indexOf(slot), state);
      also();
      if (!k.shape.mmio) return;
      kvm.memslots_updating.store(0, 1);
      for (let i = 0; i < kvm.sptes.length; i++)
        if (kvm.sptes.load(i) === MMIO) kvm.sptes.store(i, MMIO_OLD);
    },
    k.shape.hostUnmaps ? { when: () => kvm.mn_active_invalidate_count.load(0) === 0 } : {},
  );
  yield* kvm_synchronize_srcu(kvm);
  if (k.shape.mmio) yield* step('slots->generation = gen', () => kvm.memslots_updating.store(0, 0));
}

/** A new slot becomes visible. */
export const kvm_create_memslot = kvm_main(function* kvm_create_memslot(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
) {
  yield* kvm_swap_active_memslots(k, kvm, slot, 'visible', VISIBLE);
});

/** INVALID, grace period, zap, gone, grace period, unbind, free. */
export const kvm_delete_memslot = kvm_main(function* kvm_delete_memslot(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
) {
  yield* kvm_swap_active_memslots(k, kvm, slot, 'INVALID', INVALID);
  yield* k.kvm_arch_flush_shadow_memslot(kvm, slot);
  yield* kvm_swap_active_memslots(k, kvm, slot, 'gone', ABSENT);
  yield* k.kvm_free_memslot(kvm, slot);
});

export const kvm_free_memslot = kvm_main(function* kvm_free_memslot(
  k: Kernel,
  _kvm: Kvm,
  slot: Slot,
) {
  const gmem = yield* step('slot->flags & KVM_MEM_GUEST_MEMFD', () =>
    slot.can_be_private ? 1 : 0,
  );
  if (gmem) yield* k.kvm_gmem_unbind(slot);
  yield* step('kfree(slot)', () => void (slot.alive = false));
});

/**
 * KVM_MR_FLAGS_ONLY: a new struct takes the old one's place, which is freed and was
 * never unbound. Both have one struct here; it becomes the new one when the old one
 * is freed, so that no fault meets the new flags before.
 */
export function* kvm_update_flags_memslot(k: Kernel, kvm: Kvm, slot: Slot, flags: number) {
  const word = k.shape.slotFlags ? 'with other flags' : 'without guest_memfd';
  yield* kvm_swap_active_memslots(k, kvm, slot, word, VISIBLE);
  yield* step('kfree(old)', () => {
    slot.can_be_private = false;
    slot.gmem_file = NONE;
    setSlotFlags(slot, flags);
  });
  return 0;
}
