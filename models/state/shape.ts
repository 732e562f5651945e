import type { Vms } from './vms.js';

/** How private memory is backed: software only, SEV-SNP's RMP, TDX's S-EPT, or what a variant has. */
export type MemoryKind = KnownMemory | (string & {});
export const KNOWN_MEMORY = ['sw', 'snp', 'tdx'] as const;
type KnownMemory = (typeof KNOWN_MEMORY)[number];

/** What the guest_memfds were created with; INIT_SHARED brings MMAP along. */
export type GmemFlags = 'none' | 'MMAP' | 'INIT_SHARED';

/**
 * What a vCPU does besides running its guest: SMM; a nested guest that its hypervisor
 * gives nested page tables; one that it runs on shadow page tables of its own.
 */
export type VcpuMode = 'smm' | 'nested' | 'nested_no_tdp';

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
  /** mmap() calls of the recorder, each with a reference to a file. */
  readonly mmaps: number;
  /** GUEST_MEMFD_FLAG_INIT_SHARED. */
  readonly initShared: boolean;
  /** Do slots with a guest_memfd have no other memory (KVM_MEMSLOT_GMEM_ONLY)? */
  readonly gmemOnly: boolean;
  /** Does the inode say what is private (in-place conversion), and no VM? */
  readonly inodeAttributes: boolean;
  /** Does a new folio stay in its CPU's lru_add batch, which has a reference? */
  readonly lruBatch: boolean;
  /** Where files differ in them: the flags of each. Elsewhere all have the same. */
  readonly fileFlags?: readonly GmemFlags[] | undefined;
  /** KVM_X86_DEFAULT_VM, which has no private memory. */
  readonly defaultVm?: boolean | undefined;
  /** Have slots KVM_MEM_LOG_DIRTY_PAGES or KVM_MEM_READONLY? */
  readonly slotFlags?: boolean | undefined;
  /** Do vCPUs count their faults, as recordings do? Then the largest count. */
  readonly vcpuStats?: number | undefined;
  /** Keep the ghosts of S4s: which faults are older than which punch. */
  readonly provenance: boolean;
  /** SNP: are pages populated? */
  readonly populates?: boolean | undefined;
  /** May RMPUPDATE fail to make a page shared, out of the fault budget? */
  readonly rmpupdateFails?: boolean | undefined;
  /** May PSMASH find the entry in use, or fail, out of the fault budget? */
  readonly psmashFails?: boolean | undefined;
  /** May a walker of the page cache have a reference, out of the fault budget? */
  readonly speculative?: boolean | undefined;
  /** Does a thread send another one a signal? */
  readonly signals?: boolean | undefined;
  /** Keep the ghost of S15: what faults install is judged. */
  readonly installs?: boolean | undefined;
  /** Do vCPUs keep translations until they are flushed? Else a zapped SPTE is gone at once. */
  readonly tlb?: boolean | undefined;
  /** A barrier that the kernel is without: see flows/barriers.ts. */
  readonly without?: Barrier | undefined;
  /** Per vCPU, where one is in SMM or runs a nested guest. */
  readonly modes?: readonly (VcpuMode | undefined)[] | undefined;
  /** Ids of slots in the address space of SMM. */
  readonly smmSlots?: readonly number[] | undefined;
  /** Do pages of the VMM's own memory go? Then its page table and their frames matter. */
  readonly hostUnmaps?: boolean | undefined;
  /** Has KVM no two-dimensional paging (tdp_enabled)? */
  readonly shadowPaging?: boolean | undefined;
  /** Which SEAMCALLs may fail for good, out of the fault budget. */
  readonly seamcallFails?: FailingSeamcall | undefined;
  /** Does a region name its userspace_addr? Then slots have one of their own, and may move. */
  readonly userspaceAddr?: boolean | undefined;
  /** Huge pages, where there are any: see Huge. */
  readonly huge?: Huge | undefined;
  /** Does KVM_PRE_FAULT_MEMORY ask at which level a fault was to map, to go on behind that? */
  readonly goalLevel?: boolean | undefined;
  /** Dynamic PAMT: does to split a leaf take pages from a cache of the VM? */
  readonly dynamicPamt?: boolean | undefined;
  /** Does a thread of the VMM write mmap_lock, so that readers wait behind it? */
  readonly mmapWriters?: boolean | undefined;
  /** Is populate's source the CPUID page, and shared copy-on-write with another process? */
  readonly cowSource?: boolean | undefined;
}

/**
 * Huge pages are as small as they can be: what tells is that a page has others
 * beside it under the same leaf, not how many.
 */
export interface Huge {
  /** 4K pages under a leaf of level 2M: on a machine 512. */
  readonly leaf: number;
  /** 4K pages of a huge page of guest_memfd: as many, or as many as 1G has. */
  readonly folio: number;
}

/** Transparent huge pages, mapped by the direct root: of VMs that are no TDs. */
export const isThp = ({ huge, memory }: Shape): boolean => huge !== undefined && memory !== 'tdx';

/** Does anything ask for mmap_lock, or for the VMM's own pages? */
export const hasMm = (s: Shape): boolean =>
  [s.mmap, s.hostUnmaps, s.mmapWriters, s.cowSource].includes(true);

/** Frames of the VMM's own memory: one for each gfn, and spare ones for who faults anew. */
export const hostFrames = (s: Shape): number =>
  s.hostUnmaps ? s.gfns + s.actors + 1 : s.vms.count * s.gfns;

/** `fails`: those that take a page away. */
export const FAILING_SEAMCALLS = [
  'fails',
  'MEM_PAGE_AUG',
  'MEM_PAGE_ADD',
  'MEM_SEPT_ADD',
  'MEM_TRACK',
  'MR_EXTEND',
] as const;
export type FailingSeamcall = (typeof FAILING_SEAMCALLS)[number];

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

/** Have the hooks of the architecture anything to do? Left out of the steps where not. */
export const hasArchHooks = ({ memory }: Shape): boolean => memory !== 'sw' && memory !== 'tdx';
