import type { Kernel, KernelState } from '../kernel.js';
import { isPrivateGfn, isPrivatePage } from './attributes.js';
import { hit } from './bugs.js';
import { folioOf } from './folios.js';
import { pageBehind } from './hva.js';
import { NONE } from './shape.js';
import { ABSENT, type Kvm } from './structs.js';
import { gfnOfVm } from './vms.js';

/** What an SPTE may map, and when. */

/** Is the folio in the filemap of its inode, where it says it is? */
export function inFilemap(k: KernelState, number: number): boolean {
  const folio = folioOf(k, number);
  const { mapping, index } = k.folios[folio]!;
  return mapping !== NONE && k.inodes[mapping]!.i_pages.load(index + number - folio) === number;
}

/** The inode's attribute is that of the page that is mapped, bound to the gfn or not. */
export function shouldBePrivate(k: KernelState, kvm: Kvm, gfn: number, pfn: number): boolean {
  const folio = k.shape.inodeAttributes ? k.folios[pfn] : undefined;
  if (!folio) return isPrivateGfn(k, kvm, gfn);
  const head = folioOf(k, pfn);
  const { mapping, index } = k.folios[head]!;
  return mapping !== NONE && isPrivatePage(k.inodes[mapping]!, index + pfn - head);
}

/** Does an invalidation that is under way cover the gfn? */
export function isInvalidating(kvm: Kvm, gfn: number): boolean {
  return (
    kvm.mmu_invalidate_in_progress > 0 &&
    kvm.mmu_invalidate_range_start <= gfn &&
    gfn < kvm.mmu_invalidate_range_end
  );
}

/**
 * Ghost of S15: a fault is about to install an SPTE, by an attribute and with a
 * pfn that it looked up before. Are both what they would be if it asked now?
 */
export function judgeInstall(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  isPrivate: boolean,
): void {
  if (!k.shape.installs) return;
  const hasAttributes =
    k.shape.inodeAttributes || !k.protocol.lacks.includes('KVM_SET_MEMORY_ATTRIBUTES');
  const isAsked = !hasAttributes || shouldBePrivate(k, kvm, gfn, pfn) === isPrivate;
  if (!isAsked || !backs(k, kvm, gfn, pfn) || isInvalidating(kvm, gfn)) hit(k, 'staleInstall');
}

/** Is this the host's page behind the gfn, or the one in the filemap at its index? */
function backs(k: Kernel, kvm: Kvm, gfn: number, pfn: number): boolean {
  if (pfn >= k.shape.folios) return backsShared(k, kvm, gfn, pfn - k.shape.folios);
  const slot = k.slots.find(
    (s, i) =>
      s.alive &&
      (k.kvms.length === 1 || kvm.memslots.load(i) !== ABSENT) &&
      s.base_gfn <= gfn &&
      gfn < s.base_gfn + s.npages,
  );
  const index = slot ? gfn - slot.base_gfn + slot.gmem_pgoff : NONE;
  return inFilemap(k, pfn) && k.folios[pfn]!.index === index;
}

/** Is this frame where userspace_addr has the gfn? */
export function backsShared(k: KernelState, kvm: Kvm, gfn: number, frame: number): boolean {
  const page = pageBehind(k, kvm, gfn);
  if (page === NONE) return false;
  return (k.shape.hostUnmaps ? k.mm[0]!.ptes.load(page) : gfnOfVm(k, kvm, page)) === frame;
}
