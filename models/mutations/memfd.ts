import { answered } from './edit.js';
import { by, type Mutation } from './mutation.js';

/** The series of 2021. */
export const memfd: readonly Mutation[] = [
  {
    id: 'private-slot-not-known',
    base: 'P0',
    why: 'kvm_faultin_pfn() takes every slot for one without a memfd',
    change: (f) => ({
      kvm_faultin_pfn: answered(f.kvm_faultin_pfn, 'kvm_slot_is_private(slot)', 0),
    }),
    caught: by('condition', 'p0-private'),
  },
];
