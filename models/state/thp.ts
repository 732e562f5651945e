import type { KernelState } from '../kernel.js';
import { NONE } from './shape.js';
import type { Kvm } from './structs.js';

/** Leaves of the direct root: one of 2M is one SPTE, of which every page has its cell here. */

export const blockOf = ({ shape }: KernelState, gfn: number): number =>
  Math.floor(gfn / shape.huge!.leaf);

export const isLeaf2M = (k: KernelState, kvm: Kvm, gfn: number): boolean =>
  kvm.sptes_2m.length > 0 && kvm.sptes_2m.load(blockOf(k, gfn)) === 1;

/** The SPTE is gone, and with it what else it maps. */
export function dropLeaf(k: KernelState, kvm: Kvm, gfn: number): void {
  if (!isLeaf2M(k, kvm, gfn)) return kvm.sptes.store(gfn, NONE);
  const { leaf } = k.shape.huge!;
  const first = gfn - (gfn % leaf);
  for (let i = 0; i < leaf; i++) kvm.sptes.store(first + i, NONE);
  kvm.sptes_2m.store(blockOf(k, gfn), 0);
}

/** One leaf over all of 2M, whatever hung there. */
export function setLeaf2M(k: KernelState, kvm: Kvm, gfn: number, pfn: number): void {
  const { leaf } = k.shape.huge!;
  const offset = gfn % leaf;
  for (let i = 0; i < leaf; i++) kvm.sptes.store(gfn - offset + i, pfn - offset + i);
  kvm.sptes_2m.store(blockOf(k, gfn), 1);
}

/** First frame of the 2M that a frame lies in, whose RMP entry says which size they have. */
export const firstOf2M = ({ shape }: KernelState, pfn: number): number =>
  shape.huge ? pfn - (pfn % shape.huge.leaf) : pfn;

/** Does one RMP entry of 2M stand for the frame? */
export const isLargeRmp = (k: KernelState, pfn: number): boolean =>
  k.shape.huge !== undefined && k.rmp[firstOf2M(k, pfn)]!.large.load(0) === 1;
