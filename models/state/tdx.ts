import { bool, int, struct, table, type ViewOf } from '../../src/core/index.js';
import { NONE, type Shape } from './shape.js';

/** kvm_tdx->state: TDs begin initialised here. */
export const TD_STATE_INITIALIZED = 0;
export const TD_STATE_RUNNABLE = 1;

/** A mirror SPTE that somebody is about to change: neither present nor to be touched. */
export const FROZEN_SPTE = -2;
/** An SPTE of level 2M that points to a table of 4K ones. */
export const NONLEAF_SPTE = -3;

/** State of an S-EPT entry, as the TDX module keeps it. */
export const SEPT_FREE = 0;
export const SEPT_PENDING = 1;
export const SEPT_MAPPED = 2;
export const SEPT_BLOCKED = 3;
export const SEPT_PENDING_BLOCKED = 4;
/** Of level 2M: a table of 4K entries hangs there. */
export const SEPT_NONLEAF = 5;

/** Pairs of PAMT pages that a split takes: for the new page table, and for the pages of 4K. */
export const PAIRS_OF_A_SPLIT = 2;
/** A kvm_mmu_memory_cache that is topped up is filled: on a machine 40 pages, 4 for a split. */
export const SPLIT_CACHE_CAPACITY = PAIRS_OF_A_SPLIT + 1;

/** Entries of level 2M that cover the guest's frames. */
export const leavesOf = (s: Shape): number => (s.huge ? Math.ceil(s.gfns / s.huge.leaf) : 0);

/** struct kvm_tdx, the mirror root, and what the TDX module keeps for the TD. */
export const kvmTdxType = (s: Shape) =>
  struct({
    state: int(TD_STATE_INITIALIZED, TD_STATE_RUNNABLE, TD_STATE_RUNNABLE),
    /** The module has accepted TDH.MR.FINALIZE. */
    finalized: bool(true),
    /** Pages in the mirror that await TDH.MEM.PAGE.ADD (6.16). */
    nr_premapped: int(0, s.gfns),
    /** The source page for TDH.MEM.PAGE.ADD, by the word it holds (since 6.19). */
    page_add_src: int(NONE, s.maxValue, NONE),
    wait_for_sept_zap: bool(),
    /** kvm->vm_dead: every vCPU has KVM_REQ_VM_DEAD. */
    vm_dead: bool(),
    /** The mirror SPTE of each gfn: FROZEN_SPTE, NONE or a folio. */
    mirror: table(s.gfns, int(FROZEN_SPTE, s.folios - 1, NONE)),
    /** The S-EPT entry of each gfn, and the page that it maps. */
    sept: table(s.gfns, int(SEPT_FREE, SEPT_PENDING_BLOCKED)),
    sept_pfn: table(s.gfns, int(NONE, s.folios - 1, NONE)),
    /** Blocked, and TDH.MEM.TRACK has not been called since. */
    untracked: table(s.gfns, int(0, 1)),
    /** Without smp_rmb(): the state as each actor may have loaded it too early. */
    early_state: table(s.without === 'smp_rmb' ? s.actors : 0, int(NONE, 1, NONE)),
    /** The same of level 2M, where there are huge pages: by gfn / leaf. */
    mirror_2m: table(leavesOf(s), int(NONLEAF_SPTE, s.folios - 1, NONE)),
    sept_2m: table(leavesOf(s), int(SEPT_FREE, SEPT_NONLEAF)),
    sept_pfn_2m: table(leavesOf(s), int(NONE, s.folios - 1, NONE)),
    untracked_2m: table(leavesOf(s), int(0, 1)),
    /** KVM_LPAGE_GUEST_INHIBIT_FLAG: the guest has accepted a 4K page here. */
    guest_inhibit: table(leavesOf(s), int(0, 1)),
    /**
     * With Dynamic PAMT, the cache of pages for splits, by pairs: how many there are; and,
     * where it is an array, the entries whose pair has been taken.
     */
    split_cache: table(s.dynamicPamt ? 1 : 0, int(0, SPLIT_CACHE_CAPACITY + s.actors)),
    split_cache_taken: table(s.dynamicPamt ? SPLIT_CACHE_CAPACITY : 0, int(0, 1)),
    /** Ghost: times that the page at a gfn was measured since it was added. */
    measured: table(s.gfns, int(0, 2)),
  });
export type KvmTdx = ViewOf<ReturnType<typeof kvmTdxType>['fields']>;

/** vcpu->mode: inside the guest with the TD's present epoch, or with the one before. */
export const OUTSIDE_GUEST_MODE = 0;
export const IN_GUEST_MODE = 1;
export const IN_GUEST_MODE_OLD_EPOCH = 2;

/** What a vCPU has under way in the TDX module, and so which of its locks it holds. */
export const IDLE = 0;
/** TDH.VP.ENTER under zero-step mitigation: TD epoch shared, S-EPT tree exclusive. */
export const ZERO_STEP = 1;
/** TDH.VP.INIT: the TD's root (TDR) exclusive. */
export const VP_INIT = 2;
/**
 * ACCEPTING + gfn: TDG.MEM.PAGE.ACCEPT, which holds the gfn's S-EPT entry; behind
 * all gfns come the entries of level 2M.
 */
export const ACCEPTING = 3;

/** struct vcpu_tdx, and the module's part of it. */
export const vcpuTdxType = (s: Shape) =>
  struct({
    initialized: bool(true),
    mode: int(OUTSIDE_GUEST_MODE, IN_GUEST_MODE_OLD_EPOCH),
    /** An IPI makes it leave the guest, and somebody waits until it has. */
    kicked: bool(),
    in_module: int(IDLE, ACCEPTING + s.gfns + leavesOf(s) - 1),
    /** gfn of its last S-EPT violation, for zero-step mitigation. */
    violation: int(NONE, s.gfns - 1, NONE),
    /** The level that its exit names, if an ACCEPT exited: where there are huge pages. */
    accept_level: table(s.huge ? 1 : 0, int(0, 2)),
  });
export type VcpuTdx = ViewOf<ReturnType<typeof vcpuTdxType>['fields']>;
