import type { KernelState } from '../kernel.js';
import { sptep } from './roots.js';
import { NONE } from './shape.js';
import type { Kvm, Vcpu } from './structs.js';
import { gfnOfVm } from './vms.js';

/** What vCPUs have cached of the page tables, in worlds with `tlb=explicit`. */
export interface Cached {
  readonly kvm: Kvm;
  readonly gfn: number;
  /** A folio, or a host page, as in an SPTE. */
  readonly pfn: number;
  readonly isPrivate: boolean;
}

/** Everything that is in some vCPU's TLB. */
export const inTlbs = (k: KernelState): Cached[] =>
  k.vcpus.flatMap((vcpu) =>
    Array.from({ length: vcpu.tlb.length }, (_, gfn) => cached(k, vcpu, gfn)).filter(
      ({ pfn }) => pfn !== NONE,
    ),
  );

function cached({ shape }: KernelState, vcpu: Vcpu, gfn: number): Cached {
  const pfn = vcpu.tlb.load(gfn);
  const isPrivate = pfn < shape.folios && (!shape.gmemOnly || vcpu.tlb_private.load(gfn) === 1);
  return { kvm: vcpu.kvm, gfn, pfn, isPrivate };
}

/** A page walk ends: at what the SPTE maps, or at NONE. */
export function cache(k: KernelState, vcpu: Vcpu, gfn: number, pfn: number): void {
  vcpu.tlb.store(gfn, pfn);
  if (!k.shape.gmemOnly) return;
  const spte = gfnOfVm(k, vcpu.kvm, sptep(k, vcpu, gfn));
  vcpu.tlb_private.store(gfn, pfn === NONE ? 0 : k.ghost.spte_private.load(spte));
}

/** Every entry of every vCPU of a VM goes: KVM flushes all of a guest's at once. */
export function dropTlbs(k: KernelState, kvm: Kvm): void {
  for (const vcpu of k.vcpus) if (vcpu.kvm === kvm) dropTlb(k, vcpu);
}

export function dropTlb(k: KernelState, vcpu: Vcpu): void {
  for (let gfn = 0; gfn < vcpu.tlb.length; gfn++) cache(k, vcpu, gfn, NONE);
}

/** Does the zap of what was this SPTE call for a flush (1)? Only where there are TLBs. */
export const flushIsDue = (k: KernelState, old: number): number =>
  k.shape.tlb && old >= 0 ? 1 : 0;
