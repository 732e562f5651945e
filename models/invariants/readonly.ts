import type { Kernel } from '../kernel.js';
import type { Invariant } from '../scenario.js';
import { isReadonly } from '../state/flags.js';
import { VISIBLE, type Kvm, type Slot } from '../state/structs.js';

export const S21: Invariant = {
  id: 'S21',
  statement: 'no SPTE of a gfn whose slot is read-only may be written through',
  source: 'arch/x86/kvm/mmu/mmu.c, fault->map_writable; Documentation/virt/kvm/api.rst',
  byDefault: true,
  applies: (shape) => shape.slotFlags === true,
  holds: (k) =>
    k.kvms.every((kvm) =>
      k.slots.every(
        (slot, s) =>
          kvm.memslots.load(s) !== VISIBLE || !isReadonly(slot) || !isWritten(k, kvm, slot),
      ),
    ),
};

/** Is there a writable SPTE in the range of this slot? */
function isWritten(k: Kernel, kvm: Kvm, slot: Slot): boolean {
  for (let i = 0; i < kvm.sptes.length; i++) {
    const gfn = i % k.shape.gfns;
    const isInSlot = slot.base_gfn <= gfn && gfn < slot.base_gfn + slot.npages;
    if (isInSlot && kvm.sptes.load(i) >= 0 && kvm.sptes_writable.load(i) === 1) return true;
  }
  return false;
}
