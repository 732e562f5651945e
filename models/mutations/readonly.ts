import { answered, given, without } from './edit.js';
import { by, of, type Mutation } from './mutation.js';

/** Slots with KVM_MEM_READONLY. */
export const readonlySlots: readonly Mutation[] = [
  {
    id: 'readonly-mapped-writable',
    base: '6.12',
    why: 'fault->map_writable does not ask whether the slot is read-only',
    change: (f) => ({
      kvm_tdp_mmu_map: given(f.kvm_tdp_mmu_map, (k, kvm, gfn, pfn, isPrivate) => [
        k,
        kvm,
        gfn,
        pfn,
        isPrivate,
      ]),
    }),
    caught: by('S21', 'ro-slot'),
    only: ['P1', 'P9'],
  },
  {
    id: 'private-readonly-mapped-writable',
    base: 'P0',
    why: 'the same, of private memory in 2021',
    change: (f) => ({
      kvm_tdp_mmu_map: given(f.kvm_tdp_mmu_map, (k, kvm, gfn, pfn, isPrivate) => [
        k,
        kvm,
        gfn,
        pfn,
        isPrivate,
      ]),
    }),
    caught: by('S21', 'ro-private-read'),
    only: ['P0s', 'P1'],
  },
  {
    id: 'readonly-write-not-emulated',
    base: '6.12',
    why: 'a write to a read-only slot is looked up like a read',
    change: (f) => ({
      kvm_faultin_pfn: answered(f.kvm_faultin_pfn, 'memslot_is_readonly(slot) && fault->write', 0),
    }),
    caught: by('doomed', 'ro-slot'),
    only: ['P1', 'P9'],
  },
  {
    id: 'readonly-slot-not-zapped',
    base: '6.12',
    why: 'a slot leaves its mappings to the read-only one that takes its place',
    change: (f) => ({
      kvm_delete_memslot: without(f.kvm_delete_memslot, ['kvm_arch_flush_shadow_memslot']),
    }),
    caught: by('S21', 'ro-slot-created-again'),
    only: ['P1', 'P9'],
  },
  {
    id: 'readonly-guest-memfd',
    base: 'P9',
    why: 'KVM_MEM_GUEST_MEMFD and KVM_MEM_READONLY are taken together, as before e563592224e0',
    change: () => ({ __kvm_set_memory_region: of('P1').__kvm_set_memory_region }),
    caught: by('condition', 'ro-guest-memfd'),
    only: [],
  },
];
