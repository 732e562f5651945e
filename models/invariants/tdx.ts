import type { Kernel } from '../kernel.js';
import type { Invariant } from '../scenario.js';
import { BUGS } from '../state/bugs.js';
import type { Shape } from '../state/shape.js';
import {
  FROZEN_SPTE,
  SEPT_FREE,
  SEPT_MAPPED,
  SEPT_PENDING,
  TD_STATE_RUNNABLE,
} from '../state/tdx.js';

const isTdx = (shape: Shape): boolean => shape.memory === 'tdx';

const gfns = (k: Kernel): number[] => Array.from({ length: k.shape.gfns }, (_, gfn) => gfn);

export const S2: Invariant = {
  id: 'S2',
  statement:
    'a mirror SPTE is present if and only if the S-EPT maps the same page, pending ' +
    'or accepted, except while the SPTE is frozen or mmu_lock is held for writing; ' +
    'until 6.19 pages that nr_premapped counts are in the mirror alone',
  source: 'arch/x86/kvm/mmu/tdp_mmu.c, set_external_spte_present(), tdp_mmu_set_spte()',
  byDefault: true,
  applies: isTdx,
  holds: (k) => {
    if (k.kvm.mmu_lock.owner >= 0) return true;
    const { nr_premapped, state } = k.kvm_tdx[0]!;
    const differ = gfns(k).filter((gfn) => !agrees(k, gfn));
    const awaitsAdd = differ.filter((gfn) => isPremapped(k, gfn)).length;
    return (
      differ.length === awaitsAdd && (state === TD_STATE_RUNNABLE ? 0 : nr_premapped) >= awaitsAdd
    );
  },
};

function agrees(k: Kernel, gfn: number): boolean {
  const { mirror, sept, sept_pfn } = k.kvm_tdx[0]!;
  const spte = mirror.load(gfn);
  if (spte === FROZEN_SPTE) return true;
  const entry = sept.load(gfn);
  if (spte < 0) return entry === SEPT_FREE;
  return (entry === SEPT_PENDING || entry === SEPT_MAPPED) && sept_pfn.load(gfn) === spte;
}

function isPremapped(k: Kernel, gfn: number): boolean {
  const { mirror, sept } = k.kvm_tdx[0]!;
  return mirror.load(gfn) >= 0 && sept.load(gfn) === SEPT_FREE;
}

export const S19: Invariant = {
  id: 'S19',
  statement:
    'no KVM_BUG_ON() of the TDX code comes true: what the kernel takes for impossible ' +
    'is impossible, and SEAMCALLs that must not fail do not',
  source: 'arch/x86/kvm/vmx/tdx.c, arch/x86/kvm/mmu/tdp_mmu.c',
  byDefault: true,
  applies: isTdx,
  holds: (k) => k.ghost.bug !== BUGS.vmBugged.code,
};
