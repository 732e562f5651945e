import { step } from '../../src/core/index.js';
import { EEXIST, EINVAL } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { deref } from '../state/bugs.js';
import { setSlotFlags, slotFlags } from '../state/flags.js';
import { placeUserspaceAddr, userspaceAddr } from '../state/hva.js';
import { SMM, as_id, kvm_mmu_page_as_id, modeOf } from '../state/roots.js';
import { NONE } from '../state/shape.js';
import {
  ABSENT,
  INVALID,
  type GmemFile,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../state/structs.js';
import { KVM_MEM_READONLY } from '../uapi.js';
import { slots_lock, slots_unlock } from './locks.js';
import { kvm_update_flags_memslot } from './memslot_changes.js';

const kvm_main = from('virt/kvm/kvm_main.c', '6.12.117');

/** A slot number as looked up: NONE, a slot, or a slot's INVALID copy. */
export const INVALID_COPY = 100;
export const isInvalidCopy = (slot: number): boolean => slot >= INVALID_COPY;

/** The memslots array is replaced whole, so a look-up sees one version of it. */
export const gfn_to_memslot = kvm_main(function* gfn_to_memslot(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  address_space = 0,
) {
  return yield* step(
    'slot = gfn_to_memslot()',
    () => {
      const id = k.slots.findIndex(
        (_, s) =>
          as_id(k.shape, s) === address_space &&
          kvm.memslots.load(s) !== ABSENT &&
          covers(k, s, gfn),
      );
      return id >= 0 && kvm.memslots.load(id) === INVALID ? id + INVALID_COPY : id;
    },
    { sort: 'slot' },
  );
});

function covers(k: Kernel, slot: number, gfn: number): boolean {
  const { base_gfn, npages } = deref(k, k.slots[slot]!);
  return base_gfn <= gfn && gfn < base_gfn + npages;
}

/** A vCPU's slots are those of the address space that it is in; vcpu->mutex keeps it there. */
export function* kvm_vcpu_gfn_to_memslot(k: Kernel, vcpu: Vcpu, gfn: number) {
  return modeOf(k, vcpu) === 'smm'
    ? yield* k.gfn_to_memslot(vcpu.kvm, gfn, kvm_mmu_page_as_id(SMM))
    : yield* k.gfn_to_memslot(vcpu.kvm, gfn);
}

/**
 * KVM_SET_USER_MEMORY_REGION2. The arguments are well-formed here; what depends on
 * state is checked in the kernel's order.
 * @param file undefined = no KVM_MEM_GUEST_MEMFD; a file nobody has open = -EBADF.
 * @param flags the other flags
 * @param userspace_addr a page of the VMM's memory: that which is behind gfn n is page n
 */
export const kvm_set_user_memory_region = kvm_main(function* kvm_set_user_memory_region(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  gfn: number,
  npages: number,
  file: GmemFile | undefined,
  pgoff: number,
  flags?: number,
  userspace_addr?: number,
) {
  yield* slots_lock(kvm);
  const r = yield* k.__kvm_set_memory_region(
    kvm,
    slot,
    gfn,
    npages,
    file,
    pgoff,
    flags,
    userspace_addr,
  );
  yield* slots_unlock(kvm);
  return r;
});

/**
 * `immutable`: may KVM_MEM_GUEST_MEMFD be taken off a slot that has it?
 * `exclusive`: is it refused beside KVM_MEM_READONLY? (check_memory_region_flags())
 */
const setMemoryRegion = (immutable: boolean, exclusive = true) =>
  function* __kvm_set_memory_region(
    k: Kernel,
    kvm: Kvm,
    slot: Slot,
    gfn: number,
    npages: number,
    file: GmemFile | undefined,
    pgoff: number,
    flags = 0,
    userspace_addr = gfn,
  ) {
    if (exclusive && file && flags & KVM_MEM_READONLY) return -EINVAL;
    // Every writer of the slots holds slots_lock, so these reads are one step.
    const known = yield* step('old = id_to_memslot()', () =>
      regionCheck(k, kvm, slot, { gfn, npages, file, flags, userspace_addr }, immutable),
    );
    if (known === MOVE) return yield* k.kvm_move_memslot(kvm, slot, gfn, flags);
    if (known === FLAGS_ONLY) return yield* kvm_update_flags_memslot(k, kvm, slot, flags);
    if (known <= 0 && npages > 0 && known !== CREATE) return known;
    if (npages === 0) {
      if (known < 0) return known;
      yield* k.kvm_delete_memslot(kvm, slot);
      return 0;
    }
    yield* step('new = kzalloc(struct kvm_memory_slot)', () => {
      slot.alive = true;
      slot.base_gfn = gfn;
      slot.npages = npages;
      slot.can_be_private = file !== undefined;
      slot.gmem_file = NONE;
      slot.gmem_pgoff = 0;
      setSlotFlags(slot, flags);
      placeUserspaceAddr(slot, userspace_addr);
    });
    if (file) {
      const r = yield* k.kvm_gmem_bind(kvm, slot, file, pgoff);
      if (r < 0) {
        yield* step('kfree(new)', () => void (slot.alive = false));
        return r;
      }
    }
    yield* k.kvm_create_memslot(kvm, slot);
    return 0;
  };

/** Since 9935df5333aa, and in 6.12.117, a slot with guest_memfd can only be deleted. */
export const __kvm_set_memory_region = kvm_main(setMemoryRegion(true));
/** Before, a region without the flag took it off. */
export const __kvm_set_memory_region_toggles = from(
  'virt/kvm/kvm_main.c',
  'v6.8 to v6.18',
)(setMemoryRegion(false));

/** Before e563592224e0 (6.8), a slot could have both guest_memfd and KVM_MEM_READONLY. */
export const __kvm_set_memory_region_both = from(
  'virt/kvm/kvm_main.c',
  'v6.8-rc1 (a7800aa80ea4)',
)(setMemoryRegion(false, false));

/** What user space asks a slot to be. */
interface Region {
  readonly gfn: number;
  readonly npages: number;
  readonly file: GmemFile | undefined;
  readonly flags: number;
  readonly userspace_addr: number;
}

const CREATE = -1000;
const FLAGS_ONLY = -1001;
const MOVE = -1002;

/** CREATE, FLAGS_ONLY, MOVE, 0 for nothing to do or for a slot to delete, or a negative errno. */
function regionCheck(k: Kernel, kvm: Kvm, slot: Slot, region: Region, immutable: boolean): number {
  const { gfn, npages, file, flags } = region;
  const exists = kvm.memslots.load(k.slots.indexOf(slot)) !== ABSENT;
  if (npages === 0) return exists ? 0 : -EINVAL;
  if (!exists) return overlaps(k, kvm, slot, region) ? -EEXIST : CREATE;
  const same = slot.npages === npages && userspaceAddr(slot) === region.userspace_addr;
  const changed = flags ^ slotFlags(slot);
  if (file || !same || (slot.can_be_private && immutable)) return -EINVAL;
  if (changed & KVM_MEM_READONLY) return -EINVAL;
  if (slot.base_gfn !== gfn) return overlaps(k, kvm, slot, region) ? -EEXIST : MOVE;
  return slot.can_be_private || changed ? FLAGS_ONLY : 0;
}

/** kvm_check_memslot_overlap(): with any slot but this one. */
const overlaps = (k: Kernel, kvm: Kvm, slot: Slot, { gfn, npages }: Region): boolean =>
  k.slots.some(
    (s, id) =>
      s !== slot &&
      as_id(k.shape, id) === as_id(k.shape, k.slots.indexOf(slot)) &&
      kvm.memslots.load(id) !== ABSENT &&
      s.base_gfn < gfn + npages &&
      gfn < s.base_gfn + s.npages,
  );
