import type { Table } from '../../src/core/index.js';
import type { KernelState } from '../kernel.js';
import type { Shape } from './shape.js';
import { NONE } from './shape.js';
import type { Kvm } from './structs.js';
import { SEPT_FREE, SEPT_NONLEAF, type KvmTdx } from './tdx.js';

/** enum pg_level of arch/x86. */
export const PG_LEVEL_4K = 1;
export const PG_LEVEL_2M = 2;

/** fault->goal_level, which kvm_mmu_do_page_fault() hands to a pre-fault. */
export function storeGoalLevel(k: KernelState, kvm: Kvm, level: number): number {
  if (k.shape.goalLevel) kvm.goal_level.store(k.memory.actor, level);
  return level;
}

/** What the mirror and the S-EPT have at one level, and where in it. */
export interface Entry {
  readonly mirror: Table;
  readonly sept: Table;
  readonly sept_pfn: Table;
  readonly untracked: Table;
  readonly index: number;
  /** First gfn that it covers, and how many. */
  readonly gfn: number;
  readonly npages: number;
  /** What it is called in labels. */
  readonly name: string;
}

/** The entry of a level that covers a gfn. */
export function entryOf({ kvm_tdx, shape }: KernelState, gfn: number, level: number): Entry {
  const tdx = kvm_tdx[0]!;
  if (level === PG_LEVEL_4K || !shape.huge)
    return { ...tables(tdx), index: gfn, gfn, npages: 1, name: `gfn ${gfn}` };
  const { leaf } = shape.huge;
  const index = Math.floor(gfn / leaf);
  return {
    mirror: tdx.mirror_2m,
    sept: tdx.sept_2m,
    sept_pfn: tdx.sept_pfn_2m,
    untracked: tdx.untracked_2m,
    index,
    gfn: index * leaf,
    npages: leaf,
    name: `gfn ${index * leaf}, 2M`,
  };
}

const tables = ({ mirror, sept, sept_pfn, untracked }: KvmTdx) => ({
  mirror,
  sept,
  sept_pfn,
  untracked,
});

/** Which of the module's entry locks an entry has: behind those of 4K come those of 2M. */
export const lockOf = (shape: Shape, { index, npages }: Entry): number =>
  npages === 1 ? index : shape.gfns + index;

/** What the S-EPT says of a gfn: the leaf that covers it, at whichever level. */
export function septOf(
  k: KernelState,
  gfn: number,
): { readonly state: number; readonly pfn: number; readonly level: number } {
  const huge = entryOf(k, gfn, PG_LEVEL_2M);
  const isLeaf = huge.npages > 1 && huge.sept.load(huge.index) !== SEPT_NONLEAF;
  const { sept, sept_pfn, index, ...entry } = isLeaf ? huge : entryOf(k, gfn, PG_LEVEL_4K);
  const state = sept.load(index);
  const first = sept_pfn.load(index);
  const pfn = state === SEPT_FREE || first === NONE ? NONE : first + gfn - entry.gfn;
  return { state, pfn, level: isLeaf ? PG_LEVEL_2M : PG_LEVEL_4K };
}

/** The page that the mirror maps a gfn to, or NONE; FROZEN_SPTE where that is what is there. */
export function mirrorOf(k: KernelState, gfn: number): number {
  const huge = entryOf(k, gfn, PG_LEVEL_2M);
  const spte = huge.npages > 1 ? huge.mirror.load(huge.index) : NONE;
  return spte >= 0 ? spte + gfn - huge.gfn : k.kvm_tdx[0]!.mirror.load(gfn);
}
