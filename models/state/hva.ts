import type { KernelState } from '../kernel.js';
import { deref, derefBound, hit } from './bugs.js';
import { NONE } from './shape.js';
import { ABSENT, type Kvm, type Slot } from './structs.js';

/**
 * Where slots lie in the VMM's memory, whose pages are numbered. Page n is behind gfn n,
 * but in worlds where a region names its userspace_addr: there slots may move.
 */

/** slot->userspace_addr, as a page. */
export const userspaceAddr = (slot: Slot): number =>
  slot.userspace_addr.length > 0 ? slot.userspace_addr.load(0) : slot.base_gfn;

/** Where a gfn is in the slot, or in its old struct: in neither, if that is freed already. */
export function offsetIn(k: KernelState, slot: Slot, gfn: number): number {
  const { base_gfn, npages } = deref(k, slot);
  if (!k.shape.userspaceAddr) return gfn - base_gfn;
  const old = slot.moved_from.load(0);
  const found = [base_gfn, old].find((at) => at !== NONE && at <= gfn && gfn < at + npages);
  if (found === undefined) hit(k, 'slotFreed');
  return found === undefined ? 0 : gfn - found;
}

/** __gfn_to_hva_memslot(), as a page. */
export const hvaOf = (k: KernelState, slot: Slot, gfn: number): number =>
  userspaceAddr(slot) + offsetIn(k, slot, gfn);

/** What to add to a page to have the gfn that it is behind. */
export const gfnsBehind = (slot: Slot): number => slot.base_gfn - userspaceAddr(slot);

/** The page behind a gfn, in whichever slot it is; NONE where it is in none. */
export function pageBehind({ shape, slots }: KernelState, kvm: Kvm, gfn: number): number {
  if (!shape.userspaceAddr) return gfn;
  const slot = slots.find(
    ({ base_gfn, npages }, s) =>
      kvm.memslots.load(s) !== ABSENT && base_gfn <= gfn && gfn < base_gfn + npages,
  );
  return slot ? userspaceAddr(slot) + gfn - slot.base_gfn : NONE;
}

/** A slot is made anew. */
export function placeUserspaceAddr(slot: Slot, page: number): void {
  if (slot.userspace_addr.length === 0) return;
  slot.userspace_addr.store(0, page);
  slot.moved_from.store(0, NONE);
}

/** base_gfn of the struct that a binding names, which a move leaves as it was. */
export function boundBase(k: KernelState, slot: Slot): number {
  const old = slot.moved_from.length > 0 ? slot.moved_from.load(0) : NONE;
  return old === NONE ? derefBound(k, slot).base_gfn : old;
}

/** slot->gmem.file of the struct that a binding names is cleared; nobody reads it in one that has moved. */
export function forgetFile(k: KernelState, slot: Slot): void {
  boundBase(k, slot);
  slot.gmem_file = NONE;
}
