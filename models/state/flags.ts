import type { Shape } from './shape.js';
import type { Slot } from './structs.js';
import { KVM_MEM_READONLY } from '../uapi.js';

/** Flags of files and of slots, in worlds where they differ and in those where they do not. */

/** GUEST_MEMFD_FLAG_MMAP: kvm_gmem_supports_mmap(). */
export const supportsMmap = ({ fileFlags, mmap }: Shape, file: number): boolean =>
  fileFlags ? fileFlags[file] !== 'none' : mmap;

/** GUEST_MEMFD_FLAG_INIT_SHARED. */
export const isInitShared = ({ fileFlags, initShared }: Shape, file: number): boolean =>
  fileFlags ? fileFlags[file] === 'INIT_SHARED' : initShared;

/** KVM_MEMSLOT_GMEM_ONLY, which a slot keeps when its file is gone. */
export const isGmemOnly = (slot: Slot): boolean =>
  slot.can_be_private && (slot.gmem_only.length === 0 || slot.gmem_only.load(0) === 1);

/** The slot is bound: does it take all its memory from this file? */
export function rememberGmemOnly(shape: Shape, slot: Slot, file: number): void {
  if (slot.gmem_only.length > 0) slot.gmem_only.store(0, supportsMmap(shape, file) ? 1 : 0);
}

/** KVM_MEM_LOG_DIRTY_PAGES and KVM_MEM_READONLY of a slot. */
export const slotFlags = (slot: Slot): number => (slot.flags.length > 0 ? slot.flags.load(0) : 0);
export const isReadonly = (slot: Slot): boolean => (slotFlags(slot) & KVM_MEM_READONLY) !== 0;
export function setSlotFlags(slot: Slot, flags: number): void {
  if (slot.flags.length > 0) slot.flags.store(0, flags);
}
