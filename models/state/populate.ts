import type { Kernel } from '../kernel.js';
import { covers } from '../mmio.js';
import type { Initial, InitialPage, InitialSlot } from '../scenario.js';
import { KVM_MEM_READONLY } from '../uapi.js';
import { placeUserspaceAddr } from './hva.js';
import { placeHuge } from './place-huge.js';
import { NONE } from './shape.js';
import { VISIBLE } from './structs.js';
import { file_inode, isLinked } from './vms.js';

/** Writes the initial state; memory is open for writing until the machine takes it. */
export function populate(k: Kernel, initial: Initial): void {
  initial.sizes.forEach((size, f) => {
    if (size === 0) return;
    const inode = file_inode(k, k.files[f]!);
    inode.size = size;
    if (isLinked(k.shape.vms)) inode.i_count.store(0, inode.i_count.load(0) + 1);
    // The descriptor and, where there is one, the VMM's mapping.
    k.files[f]!.f_count.shared = k.shape.mmap ? 2 : 1;
    Object.assign(k.files[f]!, { fd_open: true, listed: true });
  });
  for (const s of initial.slots) placeSlot(k, s);
  placeAttributes(k, initial);
  for (const page of initial.pages) placePage(k, page);
  if (k.shape.huge) placeHuge(k);
  if (k.shape.hostUnmaps) placeHostPages(k);
  for (const kvm of k.kvms)
    Object.assign(kvm, { pre_fault_allowed: initial.launched, launched: initial.launched });
}

/** The VMM has touched all of its memory, where that may go. */
function placeHostPages(k: Kernel): void {
  for (let gfn = 0; gfn < k.shape.gfns; gfn++) {
    k.mm[0]!.ptes.store(gfn, gfn);
    k.pages[gfn]!.refcount.shared = 1;
  }
}

function placeSlot(k: Kernel, s: InitialSlot): void {
  Object.assign(k.slots[s.slot]!, {
    alive: true,
    base_gfn: s.gfn,
    npages: s.npages,
    can_be_private: s.file !== undefined,
    gmem_file: s.file ?? NONE,
    gmem_pgoff: s.pgoff,
  });
  placeUserspaceAddr(k.slots[s.slot]!, s.gfn);
  if (s.readonly) k.slots[s.slot]!.flags.store(0, KVM_MEM_READONLY);
  k.kvms[s.vm ?? 0]!.memslots.store(s.slot, VISIBLE);
  if (s.file === undefined) return;
  for (let i = 0; i < s.npages; i++) k.files[s.file]!.bindings.store(s.pgoff + i, s.slot);
}

/** Where the inode has the attributes, a gfn's is that of the page behind it. */
function placeAttributes(k: Kernel, { attributes, slots }: Initial): void {
  attributes.forEach((isPrivate, i) => {
    const vm = Math.floor(i / k.shape.gfns);
    const gfn = i % k.shape.gfns;
    if (!k.shape.inodeAttributes) k.kvms[vm]!.mem_attr_array.store(gfn, isPrivate ? 1 : 0);
    else
      for (const s of slots)
        if (isPrivate && s.file !== undefined && (s.vm ?? 0) === vm && covers(s, gfn))
          file_inode(k, k.files[s.file]!).attributes.store(s.pgoff + gfn - s.gfn, 1);
  });
}

/** A page that is there from the start has the frame that allocate() would give it. */
function placePage(k: Kernel, page: InitialPage): void {
  const number = page.file * k.shape.pages + page.index;
  const folio = k.folios[number]!;
  folio.mapping = page.file;
  folio.index = page.index;
  folio.refcount.shared = 1;
  folio.uptodate = page.content !== undefined;
  folio.content = page.content ?? -1;
  k.inodes[page.file]!.i_pages.store(page.index, number);
  if (page.assigned === undefined || !k.rmp[number]) return;
  k.rmp[number]!.assigned = true;
  k.rmp[number]!.gfn = page.assigned;
  if (k.rmp[number]!.asid.length > 0) k.rmp[number]!.asid.store(0, 0);
}
