import {
  bool,
  int,
  mutex,
  pointer,
  refcount,
  rwlock,
  rwsem,
  seqcount,
  srcu,
  struct,
  table,
  type ViewOf,
} from '../../src/core/index.js';
import { PG_LEVEL_2M, PG_LEVEL_4K } from './leaves.js';
import { rootsOf } from './roots.js';
import { MMIO_OLD, NONE, STALE, hostFrames, isThp, type Shape } from './shape.js';
import { isLinked } from './vms.js';

/** Lock classes, by the names kernel developers use for them. */
export const INVALIDATE_LOCK = 'mapping->invalidate_lock';
export const MMU_LOCK = 'kvm->mmu_lock';
export const KVM_LOCK = 'kvm->lock';
export const SLOTS_LOCK = 'kvm->slots_lock';
export const MMAP_LOCK = 'mm->mmap_lock';
export const FOLIO_LOCK = 'folio';
export const FOLIO_REF = 'folio reference';
export const FILE_REF = 'file reference';
export const KVM_SRCU = 'kvm->srcu';
export const VCPU_MUTEX = 'vcpu->mutex';
export const MMU_SEQ = 'fault->mmu_seq';

/** PG_hwpoison is set; and kvm_gmem_error_folio() has returned. */
export const POISONED = 1;
export const HANDLED = 2;

/** struct folio, order 0, with the frame's contents as a ghost. */
export const folioType = (s: Shape) =>
  struct({
    lock: mutex(FOLIO_LOCK),
    /** Inode whose filemap it is in; NONE once truncated. */
    mapping: int(NONE, s.files - 1, NONE),
    index: int(NONE, s.pages - 1, NONE),
    /** Zero = with the page allocator; the filemap's reference belongs to no actor. */
    refcount: refcount(s.hwpoison ? 6 : 3),
    uptodate: bool(),
    /** folio_nr_pages(), of the first page of a folio; other fields of its tails are unused. */
    nr_pages: table(s.huge ? 1 : 0, int(1, s.huge?.folio ?? 1, 1)),
    /** PG_hwpoison, in worlds where memory fails. */
    hwpoison: table(s.hwpoison ? 1 : 0, int(0, HANDLED)),
    /** folio_maybe_dma_pinned(): who pinned it through the VMM's mapping. */
    pincount: table(s.mmap ? 1 : 0, int(0, s.actors)),
    /** In some CPU's lru_add batch. */
    lru_cached: table(s.lruBatch ? 1 : 0, int(0, 1)),
    content: int(STALE, s.maxValue, STALE),
  });
export type Folio = ViewOf<ReturnType<typeof folioType>['fields']>;

/** The RMP entry of a frame. */
export const rmpType = (s: Shape) =>
  struct({
    assigned: bool(),
    gfn: int(NONE, s.gfns - 1, NONE),
    /** Of the first frame of 2M: 1 = it stands for all of them, `pagesize` in the kernel. */
    large: table(s.huge ? 1 : 0, int(0, 1)),
    /** Whose it is, where there are several to tell apart. */
    asid: table(s.vms.count > 1 ? 1 : 0, int(NONE, s.vms.count - 1, NONE)),
  });
export type RmpEntry = ViewOf<ReturnType<typeof rmpType>['fields']>;

/** mm/memory-failure.c: one failure is handled at a time. */
export const mfType = (_s: Shape) => struct({ mutex: mutex('mf_mutex') });
export type MemoryFailures = ViewOf<ReturnType<typeof mfType>['fields']>;

/** struct inode and its address_space. */
export const inodeType = (s: Shape) =>
  struct({
    /** i_size in pages; 0 = no such inode. */
    size: int(0, s.pages),
    /** i_rwsem, which shmem's fallocate() holds. */
    i_rwsem: mutex('inode->i_rwsem'),
    invalidate_lock: rwlock(INVALIDATE_LOCK),
    /** The page cache: folio at each index. */
    i_pages: table(s.pages, int(NONE, s.folios - 1, NONE)),
    /** PTEs of the VMM's one mapping of the whole file: folio at each index. */
    host_ptes: table(s.mmap ? s.pages : 0, int(NONE, s.folios - 1, NONE)),
    /** gmem_inode->attributes: 1 = KVM_MEMORY_ATTRIBUTE_PRIVATE. */
    attributes: table(s.inodeAttributes ? s.pages : 0, int(0, 1)),
    /** Ghost of S13: what they were when the conversion that is under way began. */
    attributes_before: table(s.inodeAttributes ? s.pages : 0, int(0, 1)),
    /** And what it has found where it counted references: 1 = safe, 2 = in use. */
    counted: table(s.inodeAttributes ? s.pages : 0, int(0, 2)),
    /** Ghost of S12: what the hole or conversion that is under way has zapped. */
    zapped: table(s.huge && !isThp(s) ? s.pages : 0, int(0, 1)),
    /** Ghost of S11: the conversion that is under way has made RMP entries shared. */
    given_back: table(s.inodeAttributes && s.memory === 'snp' ? 1 : 0, int(0, 1)),
    /** Preparedness of each page, where one of THP has several. */
    prepared: table(isThp(s) ? s.pages : 0, int(0, 1)),
    /** Files that have not let go of it, where it may have several. */
    i_count: table(isLinked(s.vms) ? 1 : 0, int(0, s.files)),
  });
export type Inode = ViewOf<ReturnType<typeof inodeType>['fields']>;

/** struct file with its struct kvm_gmem; its inode is file_inode(). */
export const fileType = (s: Shape, kvm: Kvm) =>
  struct({
    /** gmem->kvm */
    kvm: pointer(kvm),
    /** Zero = dying or gone; the descriptor's reference belongs to no actor. */
    f_count: refcount(1 + Math.max(1, s.mmaps)),
    /** Handle 0 or more is open in user space. */
    fd_open: bool(),
    /** On the inode's list of gmem files: created and not yet released. */
    listed: bool(),
    /** Actor that dropped the last reference and owes the release, or NONE. */
    releaser: int(NONE, s.actors - 1, NONE),
    /** gmem->bindings: slot at each index. */
    bindings: table(s.pages, int(NONE, s.slots - 1, NONE)),
    /** Ghost, where another VM may walk the list: the struct kvm_gmem is gone. */
    freed: table(isLinked(s.vms) ? 1 : 0, int(0, 1)),
  });
export type GmemFile = ViewOf<ReturnType<typeof fileType>['fields']>;

/** struct task_struct. */
export const taskType = (_s: Shape) => struct({ sigpending: bool() });
export type Task = ViewOf<ReturnType<typeof taskType>['fields']>;

/** The VMM's struct mm_struct. */
export const mmType = (s: Shape) =>
  struct({
    mmap_lock: s.mmapWriters ? rwsem(MMAP_LOCK) : rwlock(MMAP_LOCK),
    /** Populate's source: 1 = a page that another process has, too; and the page that is pinned. */
    source: table(s.cowSource ? 1 : 0, int(0, 1, 1)),
    source_pinned: table(s.cowSource ? 1 : 0, int(0, 1)),
    /** Is there a VMA at the address behind each gfn? */
    vmas: table(s.hostUnmaps ? s.gfns : 0, int(0, 1, 1)),
    /** The PTE there: a host frame. */
    ptes: table(s.hostUnmaps ? s.gfns : 0, int(NONE, hostFrames(s) - 1, NONE)),
  });
export type Mm = ViewOf<ReturnType<typeof mmType>['fields']>;

/** struct page of the VMM's anonymous memory; its contents are in `host`. */
export const hostPageType = (s: Shape) => struct({ refcount: refcount(s.actors + 1) });
export type HostPage = ViewOf<ReturnType<typeof hostPageType>['fields']>;

/** struct kvm_memory_slot. */
export const slotType = (s: Shape) =>
  struct({
    /** Ghost: the struct is allocated. Touching one that is not is a bug. */
    alive: bool(),
    base_gfn: int(0, s.gfns),
    npages: int(0, s.gfns),
    /** KVM_MEM_GUEST_MEMFD. */
    can_be_private: bool(),
    /** slot->gmem.file. */
    gmem_file: int(NONE, s.files - 1, NONE),
    gmem_pgoff: int(0, s.pages),
    /** KVM_MEMSLOT_GMEM_ONLY, where files differ in their flags. */
    gmem_only: table(s.fileFlags ? 1 : 0, int(0, 1)),
    /** KVM_MEM_LOG_DIRTY_PAGES and KVM_MEM_READONLY, where slots have them. */
    flags: table(s.slotFlags ? 1 : 0, int(0, 3)),
    /** As a page of the VMM's memory; elsewhere page n is behind gfn n. */
    userspace_addr: table(s.userspaceAddr ? 1 : 0, int(0, s.gfns)),
    /** Where its old struct lies, which is not freed yet: it has moved, bindings and all. */
    moved_from: table(s.userspaceAddr ? 1 : 0, int(NONE, s.gfns, NONE)),
  });
export type Slot = ViewOf<ReturnType<typeof slotType>['fields']>;

/** What the active memslots array says of a slot id. */
export const ABSENT = 0;
export const VISIBLE = 1;
export const INVALID = 2;

/** struct kvm. */
export const kvmType = (s: Shape) =>
  struct({
    mmu_lock: rwlock(MMU_LOCK),
    /** kvm->lock, which sev_mem_enc_ioctl() holds throughout. */
    lock: mutex(KVM_LOCK),
    slots_lock: mutex(SLOTS_LOCK),
    srcu: srcu(KVM_SRCU),
    mmu_invalidate_seq: seqcount(MMU_SEQ),
    mmu_invalidate_in_progress: int(-1, s.actors + 1, 0),
    /** The hull of ranges under invalidation; NONE = INVALID_GPA. */
    mmu_invalidate_range_start: int(NONE, s.gfns, NONE),
    mmu_invalidate_range_end: int(NONE, s.gfns, NONE),
    /** 1 = KVM_MEMORY_ATTRIBUTE_PRIVATE. */
    mem_attr_array: table(s.inodeAttributes ? 0 : s.gfns, int(0, 1)),
    /** ABSENT, VISIBLE or INVALID, per slot id. */
    memslots: table(s.slots, int(ABSENT, INVALID)),
    /** MMU notifier invalidations between their start and their end. */
    mn_active_invalidate_count: table(s.hostUnmaps ? 1 : 0, int(0, s.actors)),
    /** The memslots' generation says that an update is in progress. */
    memslots_updating: table(s.mmio ? 1 : 0, int(0, 1)),
    /** Leaf SPTE of each gfn, root by root: NONE, MMIO, MMIO_OLD, a folio, or folios + host page. */
    sptes: table(
      rootsOf(s) * s.gfns,
      int(s.mmio ? MMIO_OLD : NONE, s.folios + hostFrames(s) - 1, NONE),
    ),
    /** May it be written through? Where slots have flags; elsewhere all may. */
    sptes_writable: table(s.slotFlags ? rootsOf(s) * s.gfns : 0, int(0, 1)),
    /** fault->goal_level of each thread's last fault, where a pre-fault asks for it. */
    goal_level: table(s.goalLevel ? s.actors : 0, int(PG_LEVEL_4K, PG_LEVEL_2M, PG_LEVEL_4K)),
    /** Of each 2M: one leaf maps it, of which `sptes` has every page; KVM_LPAGE_MIXED_FLAG. */
    sptes_2m: table(isThp(s) ? Math.ceil(s.gfns / s.huge!.leaf) : 0, int(0, 1)),
    lpage_mixed: table(isThp(s) ? Math.ceil(s.gfns / s.huge!.leaf) : 0, int(0, 1)),
    pre_fault_allowed: bool(true),
    /** The firmware has accepted SNP_LAUNCH_FINISH (always true without SNP). */
    launched: bool(true),
  });
export type Kvm = ViewOf<ReturnType<typeof kvmType>['fields']>;

/** A vCPU's page-table root. */
export const NO_ROOT = 0;
export const VALID_ROOT = 1;
export const OBSOLETE_ROOT = 2;

/** struct kvm_vcpu_stat, as far as recordings have it. */
export const VCPU_STATS = { pf_taken: 0, pf_fixed: 1, pf_spurious: 2 } as const;

/** struct kvm_vcpu with the part of struct kvm_run that faults fill in. */
export const vcpuType = (s: Shape, kvm: Kvm) =>
  struct({
    kvm: pointer(kvm),
    mutex: mutex(VCPU_MUTEX),
    /** NO_ROOT, VALID_ROOT, or OBSOLETE_ROOT with KVM_REQ_MMU_FREE_OBSOLETE_ROOTS pending. */
    root: int(NO_ROOT, OBSOLETE_ROOT),
    run_exit_reason: int(0, 255, 0),
    run_flags: int(0, 8, 0),
    /** What its TLB has of each gfn, as an SPTE that was present: NONE, a folio, or a host page. */
    tlb: table(s.tlb ? s.gfns : 0, int(NONE, s.folios + hostFrames(s) - 1, NONE)),
    /** fault->write of the fault it is in, where that matters: read-only slots. */
    fault_write: table(s.slotFlags ? 1 : 0, int(0, 1)),
    /** By VCPU_STATS, where the vCPU counts. */
    stat: table(s.vcpuStats ? Object.keys(VCPU_STATS).length : 0, int(0, s.vcpuStats ?? 0)),
    /** Ghost: was that SPTE private? Where both kinds map guest_memfd. */
    tlb_private: table(s.tlb && s.gmemOnly ? s.gfns : 0, int(0, 1)),
  });
export type Vcpu = ViewOf<ReturnType<typeof vcpuType>['fields']>;

/** State that the kernel does not have: bookkeeping for invariants. */
export const ghostType = (s: Shape) =>
  struct({
    /** Invalidations begun and not ended, per actor; of each VM. */
    open_begins: table(s.vms.count * s.actors, int(-2, 4)),
    /** Number of the first kernel bug hit (see bugs.ts), 0 = none. */
    bug: int(0, 15),
    /** Per folio: the guest's in the RMP, and not in the image yet. Where pages are populated. */
    half_populated: table(s.populates ? s.folios : 0, int(0, 1)),
    /** Per gfn: was its SPTE installed by a private fault? Where both kinds map guest_memfd. */
    spte_private: table(s.gmemOnly ? rootsOf(s) * s.vms.count * s.gfns : 0, int(0, 1)),
    /** Per puncher: actors whose snapshot is older than its invalidate_begin. */
    older_than_punch: table(s.actors, int(0, (1 << s.actors) - 1)),
    /** Per folio: punchers whose hole it was added into by an older fault. */
    added_late: table(s.folios, int(0, (1 << s.actors) - 1)),
    /** Per folio: left in a hole by an older fault when a punch returned; 2 = and by the next. */
    left_in_hole: table(s.folios, int(0, 2)),
    /** Per puncher: its hole, while it punches. */
    hole_start: table(s.actors, int(NONE, s.pages, NONE)),
    hole_end: table(s.actors, int(NONE, s.pages, NONE)),
    /** A zap has taken a page out of the S-EPT that was not in its range. */
    zapped_outside: table(s.huge ? 1 : 0, int(0, 1)),
    /** Per actor: 1 = its operation has zapped or removed something, 2 = it has failed. */
    has_destroyed: table(s.huge ? s.actors : 0, int(0, 2)),
    /** An operation has failed because a leaf could not be split, and had destroyed something. */
    failed_halfway: table(s.huge ? 1 : 0, int(0, 1)),
    /** A hole that was zapped is still there, or a conversion has zapped more or less than it changed. */
    ranges_differ: table(s.huge ? 1 : 0, int(0, 1)),
  });
export type Ghost = ViewOf<ReturnType<typeof ghostType>['fields']>;
