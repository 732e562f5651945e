import type { KernelState } from '../kernel.js';
import { NONE } from './shape.js';
import type { Kvm } from './structs.js';

/** What vCPUs have cached of the page tables, in worlds with `tlb=explicit`. */
export interface Cached {
  readonly kvm: Kvm;
  readonly gfn: number;
  /** A folio, or a host page, as in an SPTE. */
  readonly pfn: number;
}

/** Everything that is in some vCPU's TLB. */
export const inTlbs = (k: KernelState): Cached[] =>
  k.vcpus.flatMap(({ kvm, tlb }) =>
    Array.from({ length: tlb.length }, (_, gfn) => ({ kvm, gfn, pfn: tlb.load(gfn) })).filter(
      ({ pfn }) => pfn !== NONE,
    ),
  );

/** Every entry of every vCPU goes: KVM flushes all of a guest's at once. */
export function dropTlbs(k: KernelState, of: Kvm): void {
  for (const { kvm, tlb } of k.vcpus)
    if (kvm === of) for (let gfn = 0; gfn < tlb.length; gfn++) tlb.store(gfn, NONE);
}

/** Does the zap of what was this SPTE call for a flush (1)? Only where there are TLBs. */
export const flushIsDue = (k: KernelState, old: number): number =>
  k.shape.tlb && old >= 0 ? 1 : 0;
