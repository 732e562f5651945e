import { choose, step, test } from '../../src/core/index.js';
import { ENOMEM } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { ABSENT, type Kvm, type Slot } from '../state/structs.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK, slots_lock, slots_unlock } from './locks.js';

const kvm_main = from('virt/kvm/kvm_main.c', 'v6.8 (5a475554db1e); 6.12.117');

/**
 * KVM_SET_MEMORY_ATTRIBUTES on [start, end). slots_lock keeps attributes and
 * slots still for everyone who takes it; faults read attributes without it, so
 * each store is a step of its own.
 */
export const kvm_vm_set_mem_attributes = kvm_main(function* kvm_vm_set_mem_attributes(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
  attrs: number,
) {
  yield* slots_lock(kvm);
  const same = yield* test('kvm_range_has_memory_attributes()', () =>
    allEqual(kvm, start, end, attrs));
  if (same) {
    yield* slots_unlock(kvm);
    return 0;
  }
  if (k.shape.faults > 0) {
    const failed = yield* choose('xa_reserve(&kvm->mem_attr_array)', [
      { name: '', cost: 0 },
      { name: '-ENOMEM', cost: 1 },
    ]);
    if (failed) {
      yield* slots_unlock(kvm);
      return -ENOMEM;
    }
  }
  const slots = yield* step('kvm_for_each_memslot_in_gfn_range()', () =>
    overlapping(k, kvm, start, end),
  );
  yield* k.kvm_pre_set_memory_attributes(kvm, start, end, slots, attrs);
  for (let gfn = start; gfn < end; gfn++)
    yield* step(`xa_store(&kvm->mem_attr_array, ${gfn})`, () =>
      kvm.mem_attr_array.store(gfn, attrs),
    );
  yield* k.kvm_post_set_memory_attributes(kvm, slots);
  yield* slots_unlock(kvm);
  return 0;
});

/** begin, then each slot's part: range_add and zap. Nothing without a slot. */
export const kvm_pre_set_memory_attributes = kvm_main(function* kvm_pre_set_memory_attributes(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
  slots: number,
  _attrs: number,
) {
  yield* unmapSlots(k, kvm, start, end, slots);
});

/** What to add to a place in a range to have its gfn in this slot: nothing, in a range of gfns. */
type Offset = (slot: Slot) => number;
const ofGfns: Offset = () => 0;

/** Since 6.13 `filter` says which roots are zapped. */
export function* unmapSlots(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
  slots: number,
  filter?: number,
  offset = ofGfns,
) {
  if (slots === 0) return;
  let flush = 0;
  yield* KVM_MMU_LOCK(kvm);
  yield* k.kvm_mmu_invalidate_begin(kvm);
  for (let s = 0; s < k.shape.slots; s++) {
    if (!((slots >> s) & 1)) continue;
    const slot = k.slots[s]!;
    const from = yield* step('max(start, slot->base_gfn)', () =>
      Math.max(start + offset(slot), slot.base_gfn),
    );
    const to = yield* step('min(end, slot end)', () =>
      Math.min(end + offset(slot), slot.base_gfn + slot.npages),
    );
    yield* k.kvm_mmu_invalidate_range_add(kvm, from, to);
    flush |= yield* filter === undefined
      ? k.kvm_unmap_gfn_range(kvm, from, to)
      : k.kvm_unmap_gfn_range(kvm, from, to, filter);
  }
  if (flush) yield* k.kvm_flush_remote_tlbs(kvm);
  yield* KVM_MMU_UNLOCK(kvm);
}

export const kvm_post_set_memory_attributes = kvm_main(function* kvm_post_set_memory_attributes(
  k: Kernel,
  kvm: Kvm,
  slots: number,
) {
  if (slots === 0) return;
  yield* KVM_MMU_LOCK(kvm);
  yield* k.kvm_mmu_invalidate_end(kvm);
  yield* KVM_MMU_UNLOCK(kvm);
});

function allEqual(kvm: Kvm, start: number, end: number, attrs: number): boolean {
  for (let gfn = start; gfn < end; gfn++) if (kvm.mem_attr_array.load(gfn) !== attrs) return false;
  return true;
}

/** Bit mask of the slots that overlap [start, end). */
export function overlapping(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
  offset = ofGfns,
): number {
  return k.slots.reduce((mask, slot, s) => {
    const there = kvm.memslots.load(s) !== ABSENT;
    const first = slot.base_gfn - (there ? offset(slot) : 0);
    const overlap = there && first < end && start < first + slot.npages;
    return overlap ? mask | (1 << s) : mask;
  }, 0);
}
