import type { Kernel } from '../kernel.js';
import { mirrorOf, septOf } from '../state/leaves.js';
import { SMM } from '../state/roots.js';
import type { Kvm } from '../state/structs.js';
import { inTlbs } from '../state/tlb.js';
import { isLinked } from '../state/vms.js';

/**
 * One page for each gfn, in every root that a vCPU may walk (SMM has slots of its own), and one
 * gfn of a VM for each page of guest_memfd: its bindings do not overlap. Where a VM has two files
 * of an inode they may.
 */
export function isBackedOnce(k: Kernel, kvm: Kvm): boolean {
  const pageOf = new Map<number, number>();
  const gfnOf = new Map<number, number>();
  for (const [gfn, pfn] of mappings(k, kvm)) {
    if ((pageOf.get(gfn) ?? pfn) !== pfn) return false;
    pageOf.set(gfn, pfn);
    if (pfn >= k.shape.folios || isLinked(k.shape.vms)) continue;
    if ((gfnOf.get(pfn) ?? gfn) !== gfn) return false;
    gfnOf.set(pfn, gfn);
  }
  return true;
}

/** What its roots, the mirror, the S-EPT and TLBs map. */
function mappings(k: Kernel, kvm: Kvm): (readonly [gfn: number, pfn: number])[] {
  const { gfns } = k.shape;
  const found: (readonly [number, number])[] = [];
  for (let i = 0; i < Math.min(kvm.sptes.length, SMM * gfns); i++)
    found.push([i % gfns, kvm.sptes.load(i)]);
  if (k.kvm_tdx.length > 0)
    for (let gfn = 0; gfn < gfns; gfn++)
      found.push([gfn, mirrorOf(k, gfn)], [gfn, septOf(k, gfn).pfn]);
  for (const cached of inTlbs(k))
    if (cached.kvm === kvm && !k.shape.smmSlots) found.push([cached.gfn, cached.pfn]);
  return found.filter(([, pfn]) => pfn >= 0);
}
