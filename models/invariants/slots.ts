import type { Kernel } from '../kernel.js';
import type { Invariant } from '../scenario.js';
import { pageBehind } from '../state/hva.js';
import { backsShared } from '../state/mapped.js';
import { NONE } from '../state/shape.js';
import type { Kvm } from '../state/structs.js';
import { inTlbs } from '../state/tlb.js';

export const S22: Invariant = {
  id: 'S22',
  statement:
    'an SPTE (TLB entry) is of a gfn that a memslot has, be it one that is about to be deleted ' +
    'or moved (KVM_MEMSLOT_INVALID); one that came from userspace_addr maps the page that ' +
    'the slot has there',
  source: 'virt/kvm/kvm_main.c, kvm_invalidate_memslot(): zapped before it goes or moves',
  byDefault: true,
  applies: (shape) => shape.userspaceAddr === true,
  holds: (k) =>
    k.kvms.every((kvm) => mapsWhatSlotsHave(k, kvm)) &&
    inTlbs(k).every(({ kvm, gfn, pfn }) => hasSlotFor(k, kvm, gfn, pfn)),
};

function mapsWhatSlotsHave(k: Kernel, kvm: Kvm): boolean {
  for (let i = 0; i < kvm.sptes.length; i++)
    if (kvm.sptes.load(i) >= 0 && !hasSlotFor(k, kvm, i % k.shape.gfns, kvm.sptes.load(i)))
      return false;
  return true;
}

/** Pages that the VMM gives up are another matter: S20 has it. */
function hasSlotFor(k: Kernel, kvm: Kvm, gfn: number, pfn: number): boolean {
  if (pfn < k.shape.folios || k.shape.hostUnmaps) return pageBehind(k, kvm, gfn) !== NONE;
  return backsShared(k, kvm, gfn, pfn - k.shape.folios);
}
