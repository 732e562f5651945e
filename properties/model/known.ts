import type { Scenario } from '../../models/scenario.js';

/** A violation that is known, and so left out of what is generated. */
interface Known {
  /**
   * Committed tests. A version has the violation where one of them breaks under it: what their
   * `expect` lines name is not generated, and of a version that none of them names they are asked.
   */
  readonly tests: readonly string[];
  readonly because: string;
  readonly in: (scenario: Scenario) => boolean;
}

export const known: readonly Known[] = [
  {
    tests: ['close-vs-delete-slot'],
    because: 'S10: unbind leaves the bindings of a dying file alone',
    in: (s) => hasCall(s, 'close') && deletesSlot(s),
  },
  {
    tests: ['p0-fallocate-maps'],
    because: 'deadlock: fallocate() waits for mmu_lock, which it holds',
    in: allocates,
  },
  {
    tests: ['tlb-allocate-maps'],
    because: 'S8: what fallocate() maps takes the place of a shared page, without a flush',
    in: (s) => allocates(s) && s.tlb === true,
  },
  {
    tests: ['prefault-half-populated'],
    because: 'S14: a pre-fault before the launch has finished',
    in: (s) => s.memory === 'snp' && !s.initial.launched && hasCall(s, 'KVM_PRE_FAULT_MEMORY'),
  },
  {
    tests: ['tdx-finalize-vs-punch'],
    because: 'S19: a zap leaves the TRACK out, and REMOVE wants it',
    in: (s) => hasCall(s, 'KVM_TDX_FINALIZE_VM') && zaps(s),
  },
  {
    tests: ['tdx-r34-init-vcpu-vs-punch'],
    because: 'S19: TDH.VP.INIT takes the TDR, and a zap finds it taken',
    in: (s) => hasCall(s, 'KVM_TDX_INIT_VCPU') && zaps(s),
  },
  {
    tests: ['conv-tdx-punch-shared', 'tdx-mmap-freed', 'tdx-mmap-memory-failure'],
    because: 'S1, S9, S18: the TD keeps shared mappings when its mirror is zapped',
    in: (s) => s.memory === 'tdx' && s.flags !== 'none' && mayBeShared(s) && zaps(s),
  },
  {
    tests: ['tdx-close-vs-prefault'],
    because: 'S8: the gfns of a file that closes read as shared',
    in: (s) => (s.memory === 'tdx' || s.tlb === true) && hasCall(s, 'close'),
  },
  {
    tests: ['populate-after-launch'],
    because: 'S5: nothing keeps LAUNCH_UPDATE from a finished launch',
    in: (s) => hasCall(s, 'KVM_SEV_SNP_LAUNCH_UPDATE') && mayHaveFinished(s),
  },
  {
    tests: ['prefault-signal'],
    because: 'S16: an error is returned behind pages that were mapped',
    in: (s) => calls(s).some((c) => c.op === 'KVM_PRE_FAULT_MEMORY' && c.npages > 1),
  },
  {
    tests: ['vms-prepare-vs-close', 'vms-prepare-vs-delete-slot'],
    because: 'S10: a fault prepares for the other VM, too, without its locks',
    in: (s) => s.vms !== undefined && s.memory === 'snp',
  },
  {
    tests: ['conv-touched-by-host', 'conv-to-shared-snp', 'conv-no-memory'],
    because: 'S5, S13: a conversion that is not under the invalidate_lock, and may fail half-way',
    in: (s) =>
      (s.memory === 'snp' && (s.flags !== 'none' || s.initial.attributes.includes(false))) ||
      (hasCall(s, 'KVM_SET_MEMORY_ATTRIBUTES2') && (s.memory === 'snp' || s.faults > 0)),
  },
  {
    tests: ['conv-vs-delete-slot'],
    because: 'S7: the gfns of an INVALID slot read as shared',
    in: (s) => deletesSlot(s) && (s.memory !== 'sw' || hasCall(s, 'KVM_SET_MEMORY_ATTRIBUTES2')),
  },
  {
    tests: ['conv-ends-first'],
    because: 'S7: the invalidation ends before the attribute is stored',
    in: (s) => hasCall(s, 'KVM_SET_MEMORY_ATTRIBUTES2'),
  },
  {
    tests: ['slot-loses-flag'],
    because: 'S10: the old struct of the slot is freed while it is bound',
    in: losesFlag,
  },
  {
    tests: ['memory-failure-vs-punch', 'memory-failure-vs-populate'],
    because: 'deadlock: folio lock and invalidate_lock',
    in: (s) => hasCall(s, 'memory_failure') && calls(s).some((c) => INVALIDATES.includes(c.op)),
  },
  {
    tests: ['huge-fresh-folio'],
    because: 'S7: a new huge page of which some is shared is found before it is split',
    in: (s) => s.huge !== undefined && mayBeShared(s) && mayBeNew(s),
  },
  {
    tests: ['huge-memory-failure-convert', 'huge-fresh-memory-failure'],
    because: 'deadlock: who splits a folio waits for the reference that memory_failure() keeps',
    in: (s) => s.huge !== undefined && hasCall(s, 'memory_failure'),
  },
  {
    tests: ['memory-failure-vs-close'],
    because: 'S10: the slot of a dying file goes without its locks',
    in: (s) => hasCall(s, 'memory_failure') && hasCall(s, 'close') && deletesSlot(s),
  },
  {
    tests: ['huge-punch-half'],
    because: 'S6: nobody splits the leaf that a range cuts',
    in: cutsHugePage,
  },
  {
    tests: ['thp-punch-half', 'thp-attribute-vs-fault', 'thp-split-fails'],
    because: 'S1, S7, S17: what is beside the range, in a huge page, is not in it',
    in: cutsHugePage,
  },
  {
    tests: ['vms-two-guests'],
    because: 'S5: nothing keeps two guests from one page',
    in: (s) => s.memory === 'snp' && s.vms?.sameAsid === false,
  },
  {
    tests: ['p0-hva-dontneed'],
    because: 'S20: faults do not notice that pages of the host go',
    in: (s) => hasCall(s, 'munmap') || hasCall(s, 'madvise'),
  },
];

/** Worlds in which what the kernel relies on fails: what follows has tests of its own. */
export const unreliable: readonly Pick<Known, 'because' | 'in'>[] = [
  {
    because: 'rmpupdate-fails: a page that is left to the firmware is freed',
    in: (s) => s.rmpupdateFails === true || s.psmashFails === true,
  },
  {
    because: 'conv-tdx-zap-fails: the module keeps the page, and KVM_BUG_ON()',
    in: (s) => s.seamcallFails !== undefined,
  },
];

const calls = (s: Scenario) => s.columns.flatMap((c) => c.calls);

const hasCall = (s: Scenario, name: string): boolean => calls(s).some((c) => c.op === name);

const deletesSlot = (s: Scenario): boolean =>
  calls(s).some((c) => c.op === 'KVM_SET_USER_MEMORY_REGION2' && c.npages === 0);

/** Is a slot made anew without its guest_memfd? */
function losesFlag(s: Scenario): boolean {
  return calls(s).some(
    (c) => c.op === 'KVM_SET_USER_MEMORY_REGION2' && c.npages > 0 && c.file === undefined,
  );
}

function allocates(s: Scenario): boolean {
  return calls(s).some((c) => c.op === 'fallocate' && c.mode === KEEP_SIZE);
}

/** Is there a hole in part of a huge page, or are attributes set of a part? */
function cutsHugePage({ huge, columns }: Scenario): boolean {
  if (!huge) return false;
  const isCut = (...ends: number[]): boolean => ends.some((end) => end % huge.folio !== 0);
  return columns.some((column) =>
    column.calls.some(
      (c) =>
        (c.op === 'fallocate' && c.mode !== KEEP_SIZE && isCut(c.offset, c.len)) ||
        (c.op === 'KVM_SET_MEMORY_ATTRIBUTES' && isCut(c.gfn, c.npages)) ||
        (c.op === 'KVM_SET_MEMORY_ATTRIBUTES2' && isCut(c.offset, c.npages)),
    ),
  );
}

const mayBeShared = (s: Scenario): boolean =>
  s.initial.attributes.includes(false) ||
  calls(s).some((c) => c.op.startsWith('KVM_SET_MEMORY_ATTRIBUTES'));

/** Is there a page to begin with that is not in the filemap, or a hole? */
const mayBeNew = (s: Scenario): boolean =>
  s.initial.pages.length < s.pages || hasCall(s, 'fallocate');

const mayHaveFinished = (s: Scenario): boolean =>
  s.initial.launched || hasCall(s, 'KVM_SEV_SNP_LAUNCH_FINISH');

/** Has the invalidate_lock, and wants a folio's. */
const INVALIDATES: readonly string[] = [
  'fallocate',
  'KVM_SEV_SNP_LAUNCH_UPDATE',
  'KVM_TDX_INIT_MEM_REGION',
  'KVM_SET_MEMORY_ATTRIBUTES2',
];

/** Are pages taken out of the S-EPT? */
const zaps = (s: Scenario): boolean => calls(s).some((c) => ZAPS.includes(c.op));

const ZAPS: readonly string[] = [
  'close',
  'fallocate',
  'KVM_SET_MEMORY_ATTRIBUTES',
  'KVM_SET_MEMORY_ATTRIBUTES2',
  'KVM_SET_USER_MEMORY_REGION2',
  'memory_failure',
];

const KEEP_SIZE = 1;
