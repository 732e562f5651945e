import type { Invariant } from '../scenario.js';
import { isPrivatePage } from '../state/attributes.js';
import { folioOf, framesOf } from '../state/folios.js';
import { mirrorOf } from '../state/leaves.js';
import { NONE, STALE } from '../state/shape.js';
import { HANDLED } from '../state/structs.js';
import { backsShared, inFilemap, isInvalidating, shouldBePrivate } from '../state/mapped.js';
import { inTlbs, type Cached } from '../state/tlb.js';
import type { Kernel } from '../kernel.js';
import type { Inode, Kvm } from '../state/structs.js';
import { gfnOfVm, isOwn } from '../state/vms.js';

/** Folios that an SPTE or a TLB of a VM maps; under TDX in the direct root, the mirror or the S-EPT. */
function mapped(k: Kernel): number[] {
  const numbers: number[] = [];
  for (const { mirror, sept_pfn } of k.kvm_tdx)
    for (let gfn = 0; gfn < k.shape.gfns; gfn++)
      numbers.push(...[mirror.load(gfn), sept_pfn.load(gfn)].filter((pfn) => pfn >= 0));
  if (k.shape.huge && k.kvm_tdx.length > 0) numbers.push(...mappedHuge(k));
  for (const { sptes } of k.kvms)
    for (let i = 0; i < sptes.length; i++) {
      const pfn = sptes.load(i);
      if (pfn >= 0 && pfn < k.shape.folios) numbers.push(pfn);
    }
  for (const { pfn } of inTlbs(k)) if (pfn < k.shape.folios) numbers.push(pfn);
  return numbers;
}

/** Pages under huge leaves of the mirror and the S-EPT. */
function mappedHuge(k: Kernel): number[] {
  const { mirror_2m, sept_pfn_2m } = k.kvm_tdx[0]!;
  const numbers: number[] = [];
  for (let n = 0; n < mirror_2m.length; n++)
    for (const first of [mirror_2m.load(n), sept_pfn_2m.load(n)].filter((pfn) => pfn >= 0))
      for (let i = 0; i < k.shape.huge!.leaf; i++) numbers.push(first + i);
  return numbers;
}

/** Pages of the VMM's own memory that SPTEs map, where these may go. */
function hostMappedByGuest(k: Kernel): { readonly gfn: number; readonly frame: number }[] {
  if (!k.shape.hostUnmaps) return [];
  const found: { gfn: number; frame: number }[] = [];
  for (let i = 0; i < k.kvm.sptes.length; i++) {
    const frame = k.kvm.sptes.load(i) - k.shape.folios;
    if (frame >= 0) found.push({ gfn: i % k.shape.gfns, frame });
  }
  for (const { gfn, pfn } of inTlbs(k))
    if (pfn >= k.shape.folios) found.push({ gfn, frame: pfn - k.shape.folios });
  return found;
}

/** Folios that the VMM's mappings have a PTE for. */
export function hostMapped(k: Kernel): number[] {
  const numbers: number[] = [];
  for (const { host_ptes } of k.inodes)
    for (let i = 0; i < host_ptes.length; i++)
      if (host_ptes.load(i) !== NONE) numbers.push(host_ptes.load(i));
  return numbers;
}

export const S1: Invariant = {
  id: 'S1',
  statement:
    'every SPTE (S-EPT entry, TLB entry) that came from guest_memfd maps a folio that is in ' +
    "its inode's filemap: memory is unmapped, and TLBs are flushed, before it is truncated",
  source: 'virt/kvm/guest_memfd.c, kvm_gmem_punch_hole(); 8dd2eee9d526',
  byDefault: true,
  applies: () => true,
  holds: (k) => mapped(k).every((number) => inFilemap(k, number)),
};

export const S9: Invariant = {
  id: 'S9',
  statement:
    'a folio that went back to the page allocator is mapped by no SPTE and no S-EPT ' +
    'entry, is in no TLB, and its RMP entry is shared; nor is a page of the host that went ' +
    'back there mapped',
  source: 'mm/filemap.c, free_folio; arch/x86/kvm/svm/sev.c, sev_gmem_invalidate()',
  byDefault: true,
  applies: () => true,
  holds: (k) =>
    mapped(k).every((number) => !k.folios[folioOf(k, number)]!.refcount.isZero) &&
    hostMappedByGuest(k).every(({ frame }) => !k.pages[frame]!.refcount.isZero) &&
    k.rmp.every(
      (entry, number) => !entry.assigned || !k.folios[folioOf(k, number)]!.refcount.isZero,
    ),
};

export const S20: Invariant = {
  id: 'S20',
  statement:
    "an SPTE (TLB entry) that came from userspace_addr maps the page that the VMM's page table has there, " +
    'except inside an invalidation that covers the gfn',
  source: 'include/linux/mmu_notifier.h; virt/kvm/kvm_main.c, kvm_mmu_notifier_*()',
  byDefault: true,
  applies: (shape) => shape.hostUnmaps === true,
  holds: (k) =>
    hostMappedByGuest(k).every(
      ({ gfn, frame }) => isInvalidating(k.kvm, gfn) || backsShared(k, k.kvm, gfn, frame),
    ),
};

export const S4: Invariant = {
  id: 'S4',
  statement:
    'a frame that the RMP assigns to the guest is in the filemap, or its ' +
    'remover still holds the folio lock',
  source: 'mm/filemap.c, filemap_remove_folio(); sev_gmem_invalidate()',
  byDefault: true,
  applies: (shape) => shape.memory === 'snp',
  holds: (k) =>
    k.rmp.every(
      (entry, n) => !entry.assigned || inFilemap(k, n) || k.folios[folioOf(k, n)]!.lock.isLocked,
    ),
};

export const S4s: Invariant = {
  id: 'S4s',
  statement:
    'when PUNCH_HOLE returns, no page in the hole was put there by a fault ' +
    'that is older than the hole (by its snapshot of mmu_invalidate_seq)',
  source: 'b85524314a3d names the race and calls it harmless',
  byDefault: false,
  applies: () => true,
  holds: (k) => {
    for (let n = 0; n < k.shape.folios; n++) if (k.ghost.left_in_hole.load(n)) return false;
    return true;
  },
};

export const S5: Invariant = {
  id: 'S5',
  statement:
    'under SNP, a private SPTE maps a guest_memfd frame only if the RMP assigns it to that ' +
    'gfn; where the inode has the attributes, the RMP assigns only pages that are private',
  source: 'arch/x86/kvm/svm/sev.c, sev_gmem_prepare()',
  byDefault: true,
  applies: (shape) => shape.memory === 'snp',
  holds: (k) =>
    k.kvms.every((kvm) => mapsOwnOnly(k, kvm)) &&
    (!k.shape.inodeAttributes || k.inodes.every((inode) => assignsPrivateOnly(k, inode))),
};

function mapsOwnOnly(k: Kernel, kvm: Kvm): boolean {
  for (let gfn = 0; gfn < k.shape.gfns; gfn++) {
    const entry = k.rmp[kvm.sptes.load(gfn)];
    if (!entry || (k.shape.gmemOnly && !isPrivateSpte(k, kvm, gfn))) continue;
    if (!entry.assigned || entry.gfn !== gfn || !isOwn(k, entry, kvm)) return false;
  }
  return true;
}

/** Was it a private fault that installed it? */
const isPrivateSpte = (k: Kernel, kvm: Kvm, gfn: number): boolean =>
  k.ghost.spte_private.load(gfnOfVm(k, kvm, gfn)) === 1;

function assignsPrivateOnly(k: Kernel, inode: Inode): boolean {
  for (let i = 0; i < inode.i_pages.length; i++)
    if (k.rmp[inode.i_pages.load(i)]?.assigned && !isPrivatePage(inode, i)) return false;
  return true;
}

export const S17: Invariant = {
  id: 'S17',
  statement:
    'a folio that is uptodate, or mapped by an SPTE or by the VMM, holds no stale host data: ' +
    'it was cleared or populated since it was allocated',
  source: 'virt/kvm/guest_memfd.c, kvm_gmem_prepare_folio()',
  byDefault: true,
  applies: () => true,
  holds: (k) =>
    k.folios.every(
      (f) => !f.uptodate || framesOf(k, f).every((n) => k.folios[n]!.content !== STALE),
    ) && [...mapped(k), ...hostMapped(k)].every((number) => k.folios[number]!.content !== STALE),
};

export const S7: Invariant = {
  id: 'S7',
  statement:
    "an SPTE is private, and maps guest_memfd memory, if its gfn's attribute is private; " +
    "if it is shared the SPTE maps the host's page (guest_memfd's in a gmem-only slot); " +
    'except inside an invalidation that covers the gfn; MMIO SPTEs are exempt; ' +
    'what a TLB holds is held to the same',
  source: 'virt/kvm/kvm_main.c, kvm_vm_set_mem_attributes()',
  byDefault: true,
  applies: () => true,
  holds: (k) => {
    if (k.protocol.lacks.includes('KVM_SET_MEMORY_ATTRIBUTES') && !k.shape.inodeAttributes)
      return true;
    return (
      k.kvms.every((kvm) => agreesWithAttributes(k, kvm)) &&
      inTlbs(k).every((entry) => isCachedAsShould(k, entry))
    );
  },
};

const isCachedAsShould = (k: Kernel, { kvm, gfn, pfn, isPrivate }: Cached): boolean =>
  isInvalidating(kvm, gfn) || isPrivate === shouldBePrivate(k, kvm, gfn, pfn);

function agreesWithAttributes(k: Kernel, kvm: Kvm): boolean {
  for (let gfn = 0; gfn < k.shape.gfns; gfn++) {
    const inMirror = k.kvm_tdx.length > 0 ? mirrorOf(k, gfn) : NONE;
    if (inMirror >= 0 && !isInvalidating(kvm, gfn) && !shouldBePrivate(k, kvm, gfn, inMirror))
      return false;
  }
  for (let i = 0; i < kvm.sptes.length; i++) {
    const gfn = i % k.shape.gfns;
    const pfn = kvm.sptes.load(i);
    if (pfn < 0 || isInvalidating(kvm, gfn)) continue;
    const isGmem = pfn < k.shape.folios;
    const isPrivate = isGmem && (!k.shape.gmemOnly || isPrivateSpte(k, kvm, i));
    if (isPrivate !== shouldBePrivate(k, kvm, gfn, pfn)) return false;
  }
  return true;
}

export const S18: Invariant = {
  id: 'S18',
  statement:
    'a page whose memory failed is mapped by no SPTE, and in no TLB, once ' +
    'kvm_gmem_error_folio() has returned',
  source: 'virt/kvm/guest_memfd.c, kvm_gmem_error_folio(), kvm_gmem_get_pfn()',
  byDefault: true,
  applies: (shape) => shape.hwpoison,
  holds: (k) =>
    mapped(k).every((number) => k.folios[folioOf(k, number)]!.hwpoison.load(0) !== HANDLED),
};
