import type { KernelState } from '../kernel.js';
import type { GmemFile, Slot } from './structs.js';

/** Kernel bugs that a run can hit; kept as a ghost, the first one only. */
export const BUGS = {
  slotFreed: { code: 1, text: 'use of a freed struct kvm_memory_slot' },
  folioFreed: { code: 3, text: 'reference dropped on a folio that is already free' },
  gmemFreed: { code: 14, text: 'use of a freed struct kvm_gmem' },
  cacheOverrun: { code: 7, text: 'a page is put behind the end of a kvm_mmu_memory_cache' },
  negativeInProgress: { code: 4, text: 'KVM_BUG_ON: mmu_invalidate_in_progress < 0' },
  rangeMissing: { code: 5, text: 'WARN: invalidation ended without a range' },
  staleInstall: { code: 9, text: 'a fault installed what an invalidation has overtaken' },
  halfConverted: {
    code: 12,
    text: 'a conversion that failed changed an attribute, or one that did not left one',
  },
  vmBugged: { code: 10, text: 'KVM_BUG_ON() in the TDX code: the VM is dead' },
} as const;
export type Bug = keyof typeof BUGS;

/** Records a bug; later ones are usually its consequences. */
export function hit(k: KernelState, bug: Bug): void {
  if (k.ghost.bug === 0) k.ghost.bug = BUGS[bug].code;
}

/** The slot of a binding: a struct that never had guest_memfd is not the one that was bound. */
export function derefBound(k: KernelState, slot: Slot): Slot {
  if (!slot.can_be_private) hit(k, 'slotFreed');
  return deref(k, slot);
}

/** The slot, about to be dereferenced. */
export function deref(k: KernelState, slot: Slot): Slot {
  if (!slot.alive) hit(k, 'slotFreed');
  return slot;
}

/** The file's struct kvm_gmem, about to be dereferenced by who has no reference to the file. */
export function derefGmem(k: KernelState, file: GmemFile): GmemFile {
  if (file.freed.length > 0 && file.freed.load(0) === 1) hit(k, 'gmemFreed');
  return file;
}
