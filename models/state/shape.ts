import type { Vms } from './vms.js';

/** How private memory is backed: software only, SEV-SNP's RMP, or TDX's S-EPT. */
export type MemoryKind = 'sw' | 'snp' | 'tdx';

/** What the guest_memfds were created with; INIT_SHARED brings MMAP along. */
export type GmemFlags = 'none' | 'MMAP' | 'INIT_SHARED';

/** How large a world is. Everything is small; the arrangement is what matters. */
export interface Shape {
  readonly memory: MemoryKind;
  readonly actors: number;
  /** Of each VM. */
  readonly vcpus: number;
  /** Guest frames of each VM, numbered from 0. */
  readonly gfns: number;
  /** guest_memfd files; each has an inode of its own, unless `vms` says otherwise. */
  readonly files: number;
  /** VMs, and whose the files are. */
  readonly vms: Vms;
  /** Pages an inode may have. */
  readonly pages: number;
  /** Page frames the allocator can hand out: more than pages, or reuse hides. */
  readonly folios: number;
  /** Memslot ids; where there are several VMs each id is of one of them. */
  readonly slots: number;
  /** Largest word that contents may hold. */
  readonly maxValue: number;
  /** Faults the environment may inject. */
  readonly faults: number;
  /** Does any operation close a file? Then references to files matter. */
  readonly closes: boolean;
  /** May a frame that something still names be handed out? Not where S9 is checked. */
  readonly reuse: boolean;
  /** May an MMIO SPTE outlive what it was made for? Then SPTEs and updates of the slots tell. */
  readonly mmio: boolean;
  /** May a page's memory fail? */
  readonly hwpoison: boolean;
  /** GUEST_MEMFD_FLAG_MMAP: the VMM has mapped its guest_memfds. Then host PTEs matter. */
  readonly mmap: boolean;
  /** GUEST_MEMFD_FLAG_INIT_SHARED. */
  readonly initShared: boolean;
  /** Do slots with a guest_memfd have no other memory (KVM_MEMSLOT_GMEM_ONLY)? */
  readonly gmemOnly: boolean;
  /** Does the inode say what is private (in-place conversion), and no VM? */
  readonly inodeAttributes: boolean;
  /** Does a new folio stay in its CPU's lru_add batch, which has a reference? */
  readonly lruBatch: boolean;
  /** Keep the ghosts of S4s: which faults are older than which punch. */
  readonly provenance: boolean;
  /** A barrier that the kernel is without: see flows/barriers.ts. */
  readonly without?: Barrier | undefined;
  /** May RANGE.BLOCK and PAGE.REMOVE fail for good, out of the fault budget? */
  readonly seamcallFails?: boolean | undefined;
}

export const BARRIERS = ['smp_wmb', 'smp_rmb'] as const;
export type Barrier = (typeof BARRIERS)[number];

/** Contents of a frame nobody has cleared: what the host last kept there. */
export const STALE = -1;
/** Contents of a cleared frame. */
export const ZERO = 0;
/** No folio, no slot, no mapping, no file. */
export const NONE = -1;
/** SPTE: MMIO, of the memslots' present generation. */
export const MMIO = -2;
/** SPTE: MMIO, of an earlier generation. */
export const MMIO_OLD = -3;
