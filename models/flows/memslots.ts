import { step } from '../../src/core/index.js';
import { EEXIST, EINVAL } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { deref } from '../state/bugs.js';
import { SMM, as_id, kvm_mmu_page_as_id, modeOf } from '../state/roots.js';
import { slotFlags } from '../state/flags.js';
import { MMIO, MMIO_OLD, NONE } from '../state/shape.js';
import {
  ABSENT,
  INVALID,
  VISIBLE,
  type GmemFile,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../state/structs.js';
import { KVM_MEM_READONLY } from '../uapi.js';
import { kvm_synchronize_srcu, slots_lock, slots_unlock } from './locks.js';
import { kvm_mmu_slot_apply_flags } from './slot_sptes.js';

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
) {
  yield* slots_lock(kvm);
  const r = yield* k.__kvm_set_memory_region(kvm, slot, gfn, npages, file, pgoff, flags);
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
  ) {
    if (exclusive && file && flags & KVM_MEM_READONLY) return -EINVAL;
    // Every writer of the slots holds slots_lock, so these reads are one step.
    const known = yield* step('old = id_to_memslot()', () =>
      regionCheck(k, kvm, slot, { gfn, npages, file, flags }, immutable),
    );
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

/**
 * KVM_MR_FLAGS_ONLY: a new struct takes the old one's place, which is freed and was
 * never unbound. Both have one struct here; it becomes the new one when the old one
 * is freed, so that no fault meets the new flags before.
 */
function* kvm_update_flags_memslot(k: Kernel, kvm: Kvm, slot: Slot, flags: number) {
  const word = k.shape.slotFlags ? 'with other flags' : 'without guest_memfd';
  yield* kvm_swap_active_memslots(k, kvm, slot, word, VISIBLE);
  if (k.shape.vcpuStats && k.shape.slotFlags) yield* kvm_mmu_slot_apply_flags(k, kvm, slot, flags);
  yield* step('kfree(old)', () => {
    slot.can_be_private = false;
    slot.gmem_file = NONE;
    setSlotFlags(slot, flags);
  });
  return 0;
}

function setSlotFlags(slot: Slot, flags: number): void {
  if (slot.flags.length > 0) slot.flags.store(0, flags);
}

/** What user space asks a slot to be. */
interface Region {
  readonly gfn: number;
  readonly npages: number;
  readonly file: GmemFile | undefined;
  readonly flags: number;
}

const CREATE = -1000;
const FLAGS_ONLY = -1001;

/** CREATE, 0 for nothing to do or for a slot to delete, or a negative errno. */
function regionCheck(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  { gfn, npages, file, flags }: Region,
  immutable: boolean,
): number {
  const exists = kvm.memslots.load(k.slots.indexOf(slot)) !== ABSENT;
  if (npages === 0) return exists ? 0 : -EINVAL;
  if (exists) {
    const same = slot.npages === npages && slot.base_gfn === gfn;
    const changed = flags ^ slotFlags(slot);
    if (file || !same || (slot.can_be_private && immutable)) return -EINVAL;
    if (changed & KVM_MEM_READONLY) return -EINVAL;
    return slot.can_be_private || changed ? FLAGS_ONLY : 0;
  }
  const overlaps = k.slots.some(
    (s, id) =>
      as_id(k.shape, id) === as_id(k.shape, k.slots.indexOf(slot)) &&
      kvm.memslots.load(id) !== ABSENT &&
      s.base_gfn < gfn + npages &&
      gfn < s.base_gfn + s.npages,
  );
  return overlaps ? -EEXIST : CREATE;
}

/**
 * Publishes a slot's new state and waits for the readers of the old array. The
 * generation is marked before the one and advanced after the other; the mark
 * alone makes every MMIO SPTE old, so it is one step with the pointer. Where no
 * MMIO SPTE can outlive its reason, the generation is left out. MMU notifiers that
 * have started are waited for, under the lock that they count themselves under.
 */
function* kvm_swap_active_memslots(k: Kernel, kvm: Kvm, slot: Slot, word: string, state: number) {
  yield* step(
    `rcu_assign_pointer(kvm->memslots): slot ${word}`,
    () => {
      kvm.memslots.store(k.slots.indexOf(slot), state);
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
