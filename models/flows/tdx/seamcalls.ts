import { choose, step, type Flow } from '../../../src/core/index.js';
import type { Kernel } from '../../kernel.js';
import { entryOf, lockOf, PG_LEVEL_2M, PG_LEVEL_4K, type Entry } from '../../state/leaves.js';
import { NONE, ZERO } from '../../state/shape.js';
import {
  ACCEPTING,
  IDLE,
  IN_GUEST_MODE,
  IN_GUEST_MODE_OLD_EPOCH,
  SEPT_BLOCKED,
  SEPT_FREE,
  SEPT_MAPPED,
  SEPT_NONLEAF,
  SEPT_PENDING,
  SEPT_PENDING_BLOCKED,
  VP_INIT,
  ZERO_STEP,
  type KvmTdx,
} from '../../state/tdx.js';

/**
 * SEAMCALLs of the TDX module that KVM uses for memory, each one step: it tries
 * the module's locks and never waits for one. Who holds them is known from what
 * the vCPUs have under way. After the table in the message of 4b2abc49712b:
 *
 *     TD root     exclusive: TDH.VP.INIT                shared: all others
 *     TD epoch    exclusive: TDH.MEM.TRACK              shared: TDH.VP.ENTER
 *     S-EPT tree  exclusive: RANGE.BLOCK, TDH.VP.ENTER  shared: all others
 *                            with zero-step mitigation
 *     S-EPT entry exclusive: all of them, and the guest's ACCEPT
 */
export const TDX_SUCCESS = 0;
export const TDX_OPERAND_BUSY = 1;
/** TDX_EPT_ENTRY_STATE_INCORRECT. */
export const TDX_STATE_INCORRECT = 2;
/** TDX_PREVIOUS_TLB_EPOCH_BUSY, TDX_TLB_TRACKING_NOT_DONE. */
export const TDX_TLB_EPOCH = 3;
/** Any other, out of the fault budget. */
export const TDX_ERROR = 4;

/** Under TDX there is one. */
export const to_kvm_tdx = (k: Kernel): KvmTdx => k.kvm_tdx[0]!;

const isHeld = (k: Kernel, ...by: number[]): boolean =>
  k.vcpu_tdx.some((v) => v.in_module !== IDLE && by.includes(v.in_module));

/** Those that hold a lock which a SEAMCALL on this entry has to have. */
const isBusy = (k: Kernel, entry: Entry): boolean =>
  isHeld(k, VP_INIT, ZERO_STEP, ACCEPTING + lockOf(k.shape, entry));

/** A SEAMCALL; where the test lets it, it may fail for good. */
const seamcall = (k: Kernel, name: string, operand: string, run: () => number): Flow<number> =>
  isFailing(k, name)
    ? choose(name + operand, [SUCCEEDS, FAILS], (option) => (option === 1 ? TDX_ERROR : run()))
    : step(name + operand, run);
const SUCCEEDS = { name: '', cost: 0 };
const FAILS = { name: 'TDX error', cost: 1 };

function isFailing({ shape }: Kernel, name: string): boolean {
  if (shape.seamcallFails === 'fails') return OF_ZAPS.includes(name);
  return name.replace('TDH.', '').replaceAll('.', '_') === shape.seamcallFails;
}
const OF_ZAPS = [
  'TDH.MEM.RANGE.BLOCK',
  'TDH.MEM.RANGE.UNBLOCK',
  'TDH.MEM.PAGE.REMOVE',
  'TDH.MEM.PAGE.DEMOTE',
];

/** A SEAMCALL that changes one S-EPT entry. */
export const onEntry = (
  name: string,
  k: Kernel,
  gfn: number,
  run: (tdx: KvmTdx, entry: Entry) => number,
  level: number = PG_LEVEL_4K,
): Flow<number> =>
  seamcall(k, name, `(${nameOf(k, gfn, level)})`, () => {
    const entry = entryOf(k, gfn, level);
    return isBusy(k, entry) ? TDX_OPERAND_BUSY : run(to_kvm_tdx(k), entry);
  });

const nameOf = (k: Kernel, gfn: number, level: number): string => entryOf(k, gfn, level).name;

/** The page becomes the guest's to accept. */
export const tdh_mem_page_aug = (k: Kernel, gfn: number, pfn: number, level?: number) =>
  onEntry(
    'TDH.MEM.PAGE.AUG',
    k,
    gfn,
    (tdx, { sept, sept_pfn, index }) => {
      if (sept.load(index) !== SEPT_FREE || !tdx.finalized) return TDX_STATE_INCORRECT;
      sept.store(index, SEPT_PENDING);
      sept_pfn.store(index, pfn);
      return TDX_SUCCESS;
    },
    level,
  );

/** A page for a table of 4K entries. */
export const tdh_mem_sept_add = (k: Kernel, gfn: number) =>
  onEntry(
    'TDH.MEM.SEPT.ADD',
    k,
    gfn,
    (_tdx, { sept, index }) => {
      if (sept.load(index) !== SEPT_FREE) return TDX_STATE_INCORRECT;
      sept.store(index, SEPT_NONLEAF);
      return TDX_SUCCESS;
    },
    PG_LEVEL_2M,
  );

/** Copies the source into the page, and accepts it for the guest. Before MR.FINALIZE. */
export const tdh_mem_page_add = (k: Kernel, gfn: number, pfn: number, value: number) =>
  onEntry('TDH.MEM.PAGE.ADD', k, gfn, (tdx) => {
    if (tdx.sept.load(gfn) !== SEPT_FREE || tdx.finalized) return TDX_STATE_INCORRECT;
    tdx.sept.store(gfn, SEPT_MAPPED);
    tdx.sept_pfn.store(gfn, pfn);
    tdx.measured.store(gfn, 0);
    k.folios[pfn]!.content = value;
    return TDX_SUCCESS;
  });

/** TDH.MR.EXTEND takes 256 bytes at a time: 16 SEAMCALLs a page, here one. */
export const tdh_mr_extend = (k: Kernel, gfn: number) =>
  onEntry('TDH.MR.EXTEND', k, gfn, (tdx) => {
    if (tdx.sept.load(gfn) !== SEPT_MAPPED || tdx.finalized) return TDX_STATE_INCORRECT;
    tdx.measured.store(gfn, Math.min(2, tdx.measured.load(gfn) + 1));
    return TDX_SUCCESS;
  });

export const tdh_mr_finalize = (k: Kernel) =>
  step('TDH.MR.FINALIZE', () => {
    if (isHeld(k, VP_INIT)) return TDX_OPERAND_BUSY;
    to_kvm_tdx(k).finalized = true;
    return TDX_SUCCESS;
  });

/** No new translation of the gfn; what TLBs hold stays until they are tracked. */
export const tdh_mem_range_block = (k: Kernel, gfn: number, level?: number) =>
  onEntry(
    'TDH.MEM.RANGE.BLOCK',
    k,
    gfn,
    (_tdx, { sept, untracked, index }) => {
      const state = sept.load(index);
      if (state !== SEPT_PENDING && state !== SEPT_MAPPED) return TDX_STATE_INCORRECT;
      sept.store(index, state === SEPT_PENDING ? SEPT_PENDING_BLOCKED : SEPT_BLOCKED);
      untracked.store(index, 1);
      return TDX_SUCCESS;
    },
    level,
  );

/** A new TD epoch, unless a vCPU is still in the guest with the one before this. */
export const tdh_mem_track = (k: Kernel): Flow<number> =>
  seamcall(k, 'TDH.MEM.TRACK', '', () => {
    if (isHeld(k, VP_INIT, ZERO_STEP)) return TDX_OPERAND_BUSY;
    if (k.vcpu_tdx.some((v) => v.mode === IN_GUEST_MODE_OLD_EPOCH)) return TDX_TLB_EPOCH;
    for (const v of k.vcpu_tdx) if (v.mode === IN_GUEST_MODE) v.mode = IN_GUEST_MODE_OLD_EPOCH;
    const { untracked, untracked_2m } = to_kvm_tdx(k);
    for (let gfn = 0; gfn < untracked.length; gfn++) untracked.store(gfn, 0);
    for (let i = 0; i < untracked_2m.length; i++) untracked_2m.store(i, 0);
    return TDX_SUCCESS;
  });

/** Blocked, tracked, and no vCPU left that entered before. */
export function isRemovable(k: Kernel, { sept, untracked, index }: Entry): number {
  const state = sept.load(index);
  if (state !== SEPT_BLOCKED && state !== SEPT_PENDING_BLOCKED) return TDX_STATE_INCORRECT;
  const isTracked =
    untracked.load(index) === 0 && k.vcpu_tdx.every((v) => v.mode !== IN_GUEST_MODE_OLD_EPOCH);
  return to_kvm_tdx(k).finalized && !isTracked ? TDX_TLB_EPOCH : TDX_SUCCESS;
}

/** The contents are lost. */
export const tdh_mem_page_remove = (k: Kernel, gfn: number, level?: number) =>
  onEntry(
    'TDH.MEM.PAGE.REMOVE',
    k,
    gfn,
    (tdx, entry) => {
      const { sept, sept_pfn, untracked, index } = entry;
      const refused = isRemovable(k, entry);
      if (refused !== TDX_SUCCESS) return refused;
      for (let i = 0; i < entry.npages; i++) k.folios[sept_pfn.load(index) + i]!.content = ZERO;
      sept.store(index, SEPT_FREE);
      sept_pfn.store(index, NONE);
      untracked.store(index, 0);
      if (entry.npages === 1) tdx.measured.store(gfn, 0);
      return TDX_SUCCESS;
    },
    level,
  );
