// A series of patches, as what it changes in the version that it applies to. This file is
// code: whoever runs it runs it with their own rights.
//
//   npx gmemcheck check fault-vs-punch --protocol ./my-series.ts
//   npx gmemcheck matrix upstream ./my-series.ts     where the two differ
//   npx gmemcheck diff upstream ./my-series.ts       their steps side by side
import { errno, from, gmem, locks, protocolById, test, variant, without } from 'gmemcheck';
import type { Kernel, Slot } from 'gmemcheck';

// The tree or the mail in which the changed functions stand: reports cite it.
const patched = from('virt/kvm/guest_memfd.c', 'my series, v1');

// 'gmemcheck list protocols' has the versions; 'gmemcheck show FLOW' their steps.
export default variant(protocolById('P9'), {
  id: 'my-series',
  title: 'what the cover letter says, in a line',
  link: 'https://lore.kernel.org/kvm/',
  functions: (base) => ({
    // A function of the base with a step changed: without() leaves steps or calls out,
    // later() moves one behind the next, answered() has one answer otherwise; replace(),
    // before() and after() put other steps there. A step is named by what its label
    // begins with, a call by its name; one that does not exist is an error.
    kvm_gmem_punch_hole: without(base.kvm_gmem_punch_hole, ['kvm_gmem_invalidate_end']),

    // Or another function altogether: a generator that reads like the C. Each yield* is a
    // step (atomic), a test (a step that looks), a lock, or a call (k.name()).
    // kvm_gmem_get_file: patched(function* kvm_gmem_get_file(k: Kernel, slot: Slot) { ... }),
  }),
});

// What a function of one's own is made of, until it is used above:
void [errno, gmem, locks, test, patched];
export type { Kernel, Slot };
