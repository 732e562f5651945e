import type { Kernel } from '../kernel.js';
import type { Invariant } from '../scenario.js';
import { BUGS } from '../state/bugs.js';
import { entryOf, PG_LEVEL_2M } from '../state/leaves.js';
import type { Shape } from '../state/shape.js';
import {
  FROZEN_SPTE,
  NONLEAF_SPTE,
  SEPT_FREE,
  SEPT_MAPPED,
  SEPT_NONLEAF,
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
  if (k.shape.huge && isFrozen(k, gfn)) return true;
  if (k.shape.huge && !agreesHuge(k, gfn)) return false;
  const { mirror, sept, sept_pfn } = k.kvm_tdx[0]!;
  return agree(mirror.load(gfn), sept.load(gfn), sept_pfn.load(gfn));
}

function agree(spte: number, state: number, pfn: number): boolean {
  if (spte === FROZEN_SPTE) return true;
  if (spte === NONLEAF_SPTE) return state === SEPT_NONLEAF;
  if (spte < 0) return state === SEPT_FREE;
  return (state === SEPT_PENDING || state === SEPT_MAPPED) && pfn === spte;
}

/** What hangs below a frozen SPTE is being changed as well. */
function isFrozen(k: Kernel, gfn: number): boolean {
  const { mirror, index } = entryOf(k, gfn, PG_LEVEL_2M);
  return mirror.load(index) === FROZEN_SPTE;
}

/** The entry of level 2M: the same leaf in both, or a table in both. */
function agreesHuge(k: Kernel, gfn: number): boolean {
  const { mirror, sept, sept_pfn, index } = entryOf(k, gfn, PG_LEVEL_2M);
  return agree(mirror.load(index), sept.load(index), sept_pfn.load(index));
}

function isPremapped(k: Kernel, gfn: number): boolean {
  const { mirror, sept } = k.kvm_tdx[0]!;
  return mirror.load(gfn) >= 0 && sept.load(gfn) === SEPT_FREE;
}

export const S6: Invariant = {
  id: 'S6',
  statement:
    'a zap of a range takes no page out of the S-EPT that is not in the range: no leaf ' +
    'that is zapped reaches beyond it',
  source: 'TDX huge pages, RFC v2 17/23: to fault a page back takes another ACCEPT',
  byDefault: true,
  applies: (shape) => shape.huge !== undefined && isTdx(shape),
  holds: (k) => k.ghost.zapped_outside.load(0) === 0,
};

export const S11: Invariant = {
  id: 'S11',
  statement:
    'a hole or a conversion that fails because a leaf could not be split has zapped ' +
    'nothing, and removed nothing from the filemap; a conversion that fails, for whatever reason, ' +
    'has given no page back in the RMP (and S13: has left the attributes)',
  source:
    'TDX huge pages, RFC v2 17/23: bail out, and return the error; __kvm_gmem_set_attributes()',
  byDefault: true,
  applies: (shape) =>
    (shape.huge !== undefined && isTdx(shape)) || (shape.inodeAttributes && shape.memory === 'snp'),
  holds: (k) => {
    const { failed_halfway: failed, bug } = k.ghost;
    return bug !== BUGS.failedHalfway.code && (failed.length === 0 || failed.load(0) === 0);
  },
};

/** Not by default: what H0 and H1 do with part of a huge page breaks it, whatever else is asked. */
export const S12: Invariant = {
  id: 'S12',
  statement:
    'when PUNCH_HOLE returns 0, what it has zapped has left the filemap: the range that ' +
    'is invalidated is the one that is truncated; when a conversion does, what it has changed was ' +
    'zapped, and nothing outside its range',
  source: 'Re: [RFC PATCH v2 17/23], Yan Zhao, 2025-10-13, on the two roundings',
  byDefault: false,
  applies: (shape) => shape.huge !== undefined && isTdx(shape),
  holds: (k) => k.ghost.ranges_differ.load(0) === 0,
};

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
