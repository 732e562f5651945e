import type { Kernel } from '../kernel.js';
import { isPrivateGfn } from '../state/attributes.js';
import { GUEST_MODE, ORDINARY, SMM, rootsOf } from '../state/roots.js';
import { folioOf, pagesIn } from '../state/folios.js';
import { mirrorOf, septOf } from '../state/leaves.js';
import { NONE, STALE } from '../state/shape.js';
import type { Folio } from '../state/structs.js';
import { gfnOfVm } from '../state/vms.js';
import { FROZEN_SPTE, SEPT_FREE } from '../state/tdx.js';
import { HELD } from './held.js';
import type { Observable } from './observable.js';

const folioAt = (k: Kernel, index: number): number => k.inodes[0]!.i_pages.load(index);

/** Beside the filemap's, and the one that memory_failure() keeps on purpose. */
const lostReferences = (folio: Folio): number =>
  folio.refcount.shared - 1 - (folio.hwpoison.length > 0 && folio.hwpoison.load(0) ? 1 : 0);
const gfnsOfTd = (k: Kernel): number => (k.shape.memory === 'tdx' ? k.shape.gfns : 0);

/** What an SPTE maps. */
function backing(k: Kernel, pfn: number): number {
  if (pfn === NONE) return 0;
  if (pfn < 0) return 3;
  return pfn < k.shape.folios ? 2 : 1;
}

/** The observables of a kernel; pages are those of gmem 0. */
export const OBSERVABLES: Readonly<Record<string, Observable>> = {
  filemap: {
    count: (k) => k.shape.pages,
    read: (k, i) => (folioAt(k, i) === NONE ? 0 : 1),
    help: 'a folio is in the filemap at page i',
  },
  uptodate: {
    count: (k) => k.shape.pages,
    read: (k, i) => Number(folioAt(k, i) !== NONE && k.folios[folioOf(k, folioAt(k, i))]!.uptodate),
    help: 'that folio is uptodate',
  },
  content: {
    count: (k) => k.shape.pages,
    read: (k, i) => (folioAt(k, i) === NONE ? STALE : k.folios[folioAt(k, i)]!.content),
    help: 'the word at the start of page i',
  },
  rmp: {
    count: (k) => (k.shape.memory === 'snp' ? k.shape.pages : 0),
    needs: 'memory=snp',
    read: (k, i) => Number(folioAt(k, i) !== NONE && k.rmp[folioAt(k, i)]?.assigned === true),
    help: 'the RMP assigns the folio at page i to the guest',
  },
  asid: {
    count: (k) => (k.rmp[0]?.asid.length ? k.shape.pages : 0),
    needs: 'memory=snp and vms=2',
    read: (k, i) => (folioAt(k, i) === NONE ? NONE : k.rmp[folioAt(k, i)]!.asid.load(0)),
    help: 'whose ASID the RMP has for the folio at page i, where there are several VMs: 0, 1 or none',
  },
  attr: {
    count: (k) => k.shape.gfns,
    read: (k, i, kvm) => Number(isPrivateGfn(k, kvm, i)),
    ofVm: true,
    help: 'private or shared',
  },
  spte: {
    count: (k) => k.shape.gfns,
    ofVm: true,
    read: (k, i, { sptes }) => backing(k, sptes.load(ORDINARY * k.shape.gfns + i)),
    help: '0 = none, 1 = host page, 2 = guest_memfd page, 3 = MMIO',
  },
  spte_nested: {
    count: (k) => (rootsOf(k.shape) > GUEST_MODE ? k.shape.gfns : 0),
    needs: 'vcpu[N]=nested',
    read: (k, i) => backing(k, k.kvm.sptes.load(GUEST_MODE * k.shape.gfns + i)),
    help: 'the same in the root of vCPUs with a nested guest (role.guest_mode)',
  },
  spte_smm: {
    count: (k) => (rootsOf(k.shape) > SMM ? k.shape.gfns : 0),
    needs: 'vcpu[N]=smm',
    read: (k, i) => backing(k, k.kvm.sptes.load(SMM * k.shape.gfns + i)),
    help: 'the same in the root of vCPUs in SMM (role.smm)',
  },
  tlb: {
    count: (k) => (k.shape.tlb ? k.shape.gfns : 0),
    needs: 'tlb=explicit',
    read: (k, i) => Math.max(...k.vcpus.map((vcpu) => backing(k, vcpu.tlb.load(i)))),
    help: "what a vCPU's TLB has of gfn i: 0 = nothing, 1 = host page, 2 = guest_memfd page",
  },
  lost: {
    count: (k) => k.shape.pages,
    read: (k, i) =>
      folioAt(k, i) === NONE ? 0 : lostReferences(k.folios[folioOf(k, folioAt(k, i))]!),
    help: 'references to the folio at page i that nobody will ever drop',
  },
  references: {
    count: (k) => k.shape.pages,
    read: (k, i) =>
      folioAt(k, i) === NONE ? 0 : k.folios[folioOf(k, folioAt(k, i))]!.refcount.count - 1,
    help: "references to the folio at page i beside the filemap's",
  },
  pte: {
    count: (k) => k.inodes[0]!.host_ptes.length,
    needs: 'flags=MMAP or flags=INIT_SHARED',
    read: (k, i) => (k.inodes[0]!.host_ptes.load(i) === NONE ? 0 : 1),
    help: "the VMM's mapping has a PTE for page i",
  },
  left: {
    count: (k) => k.shape.pages,
    read: (k, i) => (folioAt(k, i) === NONE ? 0 : k.ghost.left_in_hole.load(folioAt(k, i))),
    help: 'page i was left in a hole by an older fault; 2 = and by the next punch as well',
  },
  mirror: {
    count: gfnsOfTd,
    needs: 'memory=tdx',
    read: (k, i) => {
      const pfn = mirrorOf(k, i);
      return pfn === FROZEN_SPTE ? 4 : pfn === NONE ? 0 : 2;
    },
    help: 'the mirror SPTE of gfn i: 0 = none, 2 = guest_memfd page, 4 = frozen',
  },
  sept: {
    count: gfnsOfTd,
    needs: 'memory=tdx',
    read: (k, i) => septOf(k, i).state,
    help: 'the S-EPT entry of gfn i: free, pending, mapped, 3 = blocked, 4 = blocked and pending',
  },
  level: {
    count: (k) => (k.shape.huge ? gfnsOfTd(k) : 0),
    needs: 'memory=tdx and huge=N',
    read: (k, i) => (septOf(k, i).state === SEPT_FREE ? 0 : septOf(k, i).level),
    help: 'the leaf of the S-EPT that maps gfn i: 0 = none, 1 = 4K, 2 = 2M',
  },
  large: {
    count: (k) => (k.shape.huge ? k.shape.pages : 0),
    needs: 'huge=N',
    read: (k, i) =>
      Number(folioAt(k, i) !== NONE && pagesIn(k.folios[folioOf(k, folioAt(k, i))]!) > 1),
    help: 'page i belongs to a huge folio',
  },
  measured: {
    count: gfnsOfTd,
    needs: 'memory=tdx',
    read: (k, i) => k.kvm_tdx[0]!.measured.load(i),
    help: 'times that the page added at gfn i was measured',
  },
  dead: {
    count: (k) => k.kvm_tdx.length,
    needs: 'memory=tdx',
    read: (k, i) => Number(k.kvm_tdx[i]!.vm_dead),
    help: 'dead[0]: the TD is dead',
  },
  host: {
    count: (k) => k.shape.gfns,
    read: (k, i, kvm) => k.host.load(gfnOfVm(k, kvm, i)),
    ofVm: true,
    help: "the word in the host's own page behind gfn i",
  },
  ...HELD,
};
