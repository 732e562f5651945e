import { choose, step } from '../../src/core/index.js';
import { ENOMEM } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { setSlotFlags } from '../state/flags.js';
import { NONE } from '../state/shape.js';
import { INVALID, VISIBLE, type Kvm, type Slot } from '../state/structs.js';
import { kvm_swap_active_memslots } from './memslot_changes.js';

const kvm_main = from('virt/kvm/kvm_main.c', '6.12.117');

/**
 * KVM_MR_MOVE: the slot is INVALID, and zapped, before it is somewhere else, as if it
 * were deleted. Here the old struct and the new one are one, which knows where the old
 * one lies until that is freed. Where it has guest_memfd (until 9935df5333aa a region without
 * the flag may move it) nobody unbinds it.
 */
export const kvm_move_memslot = kvm_main(function* kvm_move_memslot(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  gfn: number,
  flags: number,
) {
  yield* kvm_swap_active_memslots(k, kvm, slot, 'INVALID', INVALID);
  yield* k.kvm_arch_flush_shadow_memslot(kvm, slot);
  if (yield* kvm_alloc_memslot_metadata(k)) {
    yield* kvm_swap_active_memslots(k, kvm, slot, 'visible', VISIBLE);
    return -ENOMEM;
  }
  yield* kvm_swap_active_memslots(k, kvm, slot, `at gfn ${gfn}`, VISIBLE, () => {
    slot.moved_from.store(0, slot.base_gfn);
    slot.can_be_private = false;
    slot.gmem_file = NONE;
    slot.base_gfn = gfn;
    setSlotFlags(slot, flags);
  });
  yield* step('kfree(old)', () => slot.moved_from.store(0, NONE));
  return 0;
});

/** kvm_prepare_memory_region(), when the slot is INVALID already: then it is put back. */
function* kvm_alloc_memslot_metadata(k: Kernel) {
  if (k.shape.faults === 0) return false;
  const failed = yield* choose('kvm_alloc_memslot_metadata(kvm, new)', [
    { name: '', cost: 0 },
    { name: '-ENOMEM', cost: 1 },
  ]);
  return failed !== 0;
}
