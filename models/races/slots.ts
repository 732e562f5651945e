import { ASKED_OF_ALL_RUNS, type Race } from './race.js';

/** Memslots that go, and files that are closed. */
export const slotRaces: readonly Race[] = [
  {
    number: 'R12',
    id: 'slot-outlived-by-binding',
    kind: 'race',
    what: 'A slot is freed while its dying file is still bound to it, and the release writes to it.',
    source: 'ae431059e75d, syzbot 2479e53d0db9b32ae2aa',
    breaks: { test: 'close-vs-delete-slot', under: 'P3z', property: 'S10' },
    mended: {
      test: 'close-vs-delete-slot',
      under: '6.12',
      by: 'ae431059e75d: the bindings go, dying file or not',
    },
  },
  {
    number: 'R13',
    id: 'flag-taken-off-a-bound-slot',
    kind: 'race',
    what: 'KVM_MEM_GUEST_MEMFD is taken off a slot: its old struct is freed while it is bound.',
    source: '9935df5333aa',
    breaks: { test: 'slot-loses-flag', under: 'P6', property: 'S10' },
    mended: { test: 'slot-loses-flag', under: 'P7', by: '9935df5333aa: -EINVAL' },
  },
  {
    number: 'R69',
    id: 'bound-slot-moves',
    kind: 'race',
    what: 'A region without KVM_MEM_GUEST_MEMFD moves a slot: its old struct is freed while it is bound.',
    source: 'af62fe2494da: never expected to be allowed; virt/kvm/kvm_main.c before 9935df5333aa',
    breaks: { test: 'slot-move-gmem', under: 'P6', property: 'S10' },
    mended: { test: 'slot-move-gmem', under: 'P7', by: '9935df5333aa: -EINVAL' },
  },
  {
    number: 'R10',
    id: 'prefault-waits-for-its-slot',
    kind: 'race',
    what: 'A pre-fault retries on an INVALID slot in the SRCU section that its deletion waits for.',
    source: 'Yan Zhao, 2025-05-19; 3ccbf6f47098 (6.18)',
    breaks: {
      test: 'prefault-vs-delete-slot',
      under: '6.12',
      property: 'doomed',
      fewest: ASKED_OF_ALL_RUNS,
    },
    mended: {
      test: 'prefault-vs-delete-slot',
      under: 'P6',
      by: '3ccbf6f47098: -EAGAIN, for user space to call again',
    },
  },
  {
    number: 'R10',
    id: 'prefault-waits-for-the-move',
    kind: 'race',
    what: 'The same of a slot that moves.',
    source: 'virt/kvm/kvm_main.c, kvm_invalidate_memslot() of KVM_MR_MOVE; 3ccbf6f47098 (6.18)',
    breaks: { test: 'slot-move-vs-prefault', under: '6.12', property: 'doomed' },
    mended: {
      test: 'slot-move-vs-prefault',
      under: 'P6',
      by: '3ccbf6f47098: -EAGAIN, for user space to call again',
    },
  },
  {
    number: 'R37',
    id: 'prefault-keeps-obsolete-root',
    kind: 'race',
    what: 'The deletion of another slot makes the root obsolete; a pre-fault keeps it for ever.',
    source: '20a6cff3b283',
    breaks: {
      test: 'prefault-obsolete-root',
      under: 'P3z',
      property: 'doomed',
      fewest: ASKED_OF_ALL_RUNS,
    },
    mended: { test: 'prefault-obsolete-root', under: 'P3z+reload', by: '20a6cff3b283' },
  },
  {
    number: 'R15',
    id: 'binding-gone-under-a-fault',
    kind: 'not a race',
    what: 'A fault that has the file finds another binding, or none: 6.8 has a WARN for that.',
    source: 'virt/kvm/guest_memfd.c, kvm_gmem_get_pfn() of a7800aa80ea4',
    because:
      'the fault is in its SRCU section, so the slot is unbound after it; and its reference holds ' +
      'the release off. It sees the file gone (-EFAULT), never the binding (-EIO)',
    holds: [
      { test: 'close-vs-fault', under: 'P1' },
      { test: 'delete-slot-vs-fault', under: 'P1' },
    ],
  },
  {
    number: 'R55',
    id: 'fallocate-maps',
    kind: 'race',
    what: 'fallocate() has KVM map what it allocated, under a lock that mapping takes.',
    source: 'kvm/queue patches v3, 2021-12-23: kvm_map_gfn_range()',
    breaks: { test: 'p0-fallocate-maps', under: 'P0', property: 'deadlock' },
    mended: {
      test: 'allocate-vs-fault',
      under: 'P1',
      by: 'a7800aa80ea4: fallocate() leaves the MMU alone',
    },
  },
];
