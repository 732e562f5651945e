import type { ScenarioConstraints } from '../../models/arbitraries/index.js';
import { defaultInvariants } from '../../models/invariants/index.js';
import type { Scenario } from '../../models/scenario.js';
import { DEADLOCK } from '../../src/explore/verdict.js';
import { committedExamples, isWithin } from '../../src/shrink/known.js';

/** A violation that is known, and so left out of what is generated. */
interface Known {
  readonly protocols: readonly string[] | 'all';
  readonly because: string;
  readonly in: (scenario: Scenario) => boolean;
}

const PRE_FAULT = ['P3p-v2', 'P3p-v3', 'P3p-v4'];
const PREPARES_ALWAYS = ['P2-early', 'P2', ...PRE_FAULT];
const BEFORE_6_13 = ['P1', 'P1a', ...PREPARES_ALWAYS, 'P3', 'P3z', 'P3z+reload'];
const BEFORE_6_18 = [...BEFORE_6_13, 'P4', 'THP', 'P5'];
const BY_HVA = ['P0s+hva', 'P0s+hva-zap', 'P0s+hva-begin', 'P0s+hva-seq'];
const LATER = ['P4', 'THP', 'P5', 'P6', 'P7', 'P8', 'P9', 'P9+delayed'];

const BEFORE_7_0 = [...BEFORE_6_18, '6.12', 'P6', 'C0', 'H0', 'H1', 'H2'];

/** Every one has a committed litmus test that shows it. */
export const known: readonly Known[] = [
  {
    protocols: [...BEFORE_6_18, 'C0', 'H0', 'H1', 'H2'],
    because: 'S10, close-vs-delete-slot: unbind leaves the bindings of a dying file alone',
    in: (s) => hasCall(s, 'close') && deletesSlot(s),
  },
  {
    protocols: ['P0', 'P0+stale', 'P0s', ...BY_HVA],
    because: 'deadlock, p0-fallocate-maps: fallocate() waits for mmu_lock, which it holds',
    in: allocates,
  },
  {
    protocols: ['P0s+slot'],
    because: 'S8: what fallocate() maps takes the place of a shared page, without a flush',
    in: (s) => allocates(s) && s.tlb === true,
  },
  {
    protocols: PREPARES_ALWAYS,
    because: 'S14, prefault-half-populated: a pre-fault before the launch has finished',
    in: (s) => s.memory === 'snp' && !s.initial.launched && hasCall(s, 'KVM_PRE_FAULT_MEMORY'),
  },
  {
    protocols: 'all',
    because: 'S19, tdx-finalize-vs-punch: a zap leaves the TRACK out, and REMOVE wants it',
    in: (s) => hasCall(s, 'KVM_TDX_FINALIZE_VM') && calls(s).some((c) => ZAPS.includes(c.op)),
  },
  {
    protocols: [...PREPARES_ALWAYS, 'P3', 'P3z', 'P3z+reload', '6.12', ...LATER],
    because: 'S5, populate-after-launch: nothing keeps LAUNCH_UPDATE from a finished launch',
    in: (s) => hasCall(s, 'KVM_SEV_SNP_LAUNCH_UPDATE') && mayHaveFinished(s),
  },
  {
    protocols: ['P3p-v2'],
    because: 'S16, prefault-signal: an error is returned behind pages that were mapped',
    in: (s) => calls(s).some((c) => c.op === 'KVM_PRE_FAULT_MEMORY' && c.npages > 1),
  },
  {
    protocols: [...PREPARES_ALWAYS, 'P3'],
    because: 'S10, vms-prepare-vs-*: a fault prepares for the other VM, too, without its locks',
    in: (s) => s.vms !== undefined && s.memory === 'snp',
  },
  {
    protocols: ['C0', 'H0', 'H1', 'H2'],
    because: 'S5, conv-touched-by-host, conv-to-shared-snp; S13, conv-no-memory',
    in: (s) =>
      (s.memory === 'snp' && (s.flags !== 'none' || s.initial.attributes.includes(false))) ||
      (hasCall(s, 'KVM_SET_MEMORY_ATTRIBUTES2') && (s.memory === 'snp' || s.faults > 0)),
  },
  {
    protocols: ['C0', 'C1v4', 'C1', 'C2', 'H0', 'H1', 'H2'],
    because: 'S7, conv-vs-delete-slot: the gfns of an INVALID slot read as shared',
    in: (s) => deletesSlot(s) && (s.memory !== 'sw' || hasCall(s, 'KVM_SET_MEMORY_ATTRIBUTES2')),
  },
  {
    protocols: ['H2'],
    because: 'S7, conv-ends-first: the invalidation ends before the attribute is stored',
    in: (s) => hasCall(s, 'KVM_SET_MEMORY_ATTRIBUTES2'),
  },
  {
    protocols: BEFORE_7_0,
    because: 'S10, slot-loses-flag: the old struct of the slot is freed while it is bound',
    in: losesFlag,
  },
  {
    protocols: 'all',
    because: 'deadlock, memory-failure-vs-punch, -vs-populate: folio lock and invalidate_lock',
    in: (s) => hasCall(s, 'memory_failure') && calls(s).some((c) => INVALIDATES.includes(c.op)),
  },
  {
    protocols: 'all',
    because: 'S10, memory-failure-vs-close: the slot of a dying file goes without its locks',
    in: (s) => hasCall(s, 'memory_failure') && hasCall(s, 'close') && deletesSlot(s),
  },
  {
    protocols: ['H0'],
    because: 'S6, huge-punch-half: nobody splits the leaf that a range cuts',
    in: cutsHugePage,
  },
  {
    protocols: ['THP'],
    because: 'S1, S7, S17, thp-*: what is beside the range, in a huge page, is not in it',
    in: cutsHugePage,
  },
  {
    protocols: 'all',
    because: 'S5, vms-populate-both: nothing keeps two guests from one page',
    in: (s) => s.memory === 'snp' && s.vms?.sameAsid === false,
  },
  {
    protocols: 'all',
    because: 'S4, rmpupdate-fails: a page that is left to the firmware is freed',
    in: (s) => s.rmpupdateFails === true || s.psmashFails === true,
  },
  {
    protocols: 'all',
    because: 'S19, conv-tdx-zap-fails: the module keeps the page, and KVM_BUG_ON()',
    in: (s) => s.seamcallFails !== undefined,
  },
  {
    protocols: ['P8', 'P9', 'P9+delayed', 'C0', 'C1v4', 'C1', 'C2'],
    because: 'S10, populate-source-cow: a source that is pinned for reading is written to',
    in: (s) => s.cowSource === true,
  },
  {
    protocols: ['P0s+hva-zap', 'P0s+hva-begin', 'P0s+hva-seq'],
    because: 'S20, hva-fault-vs-munmap: faults do not notice that pages of the host go',
    in: (s) => hasCall(s, 'munmap') || hasCall(s, 'madvise'),
  },
];

/** What to generate so that only what is not known yet can be found. */
export function withoutKnown(protocol: string): ScenarioConstraints {
  const shown = shownOf(protocol);
  const listed = withoutListed(protocol).excludes;
  return {
    excludes: (s) => listed(s) || shown.some((least) => isWithin(least, s) && hasWorldOf(least, s)),
  };
}

/** The same without what is listed here alone: what committed tests show is still found. */
export function withoutListed(protocol: string) {
  const listed = known.filter((k) => k.protocols === 'all' || k.protocols.includes(protocol));
  return { excludes: (s: Scenario) => listed.some((k) => k.in(s)) };
}

/** What committed tests say that this version breaks in a finite run. */
function shownOf(protocol: string): Scenario[] {
  const asked = [...defaultInvariants, DEADLOCK];
  return committedExamples(protocol)
    .filter((example) => asked.includes(example.property))
    .map((example) => example.test.scenario);
}

/** Has a scenario all that another one has in its world, besides what is done there? */
function hasWorldOf(least: Scenario, s: Scenario): boolean {
  const flags = ['huge', 'tlb', 'vms', 'speculative', 'lruBatch', 'dynamicPamt'] as const;
  const failures = ['seamcallFails', 'rmpupdateFails', 'psmashFails', 'cowSource'] as const;
  return (
    [...flags, ...failures].every((flag) => !least[flag] || s[flag]) &&
    (least.flags === 'none' || s.flags !== 'none') &&
    least.faults <= s.faults &&
    (least.initial.launched || !s.initial.launched || hasCall(s, 'KVM_TDX_FINALIZE_VM'))
  );
}

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

const mayHaveFinished = (s: Scenario): boolean =>
  s.initial.launched || hasCall(s, 'KVM_SEV_SNP_LAUNCH_FINISH');

/** Has the invalidate_lock, and wants a folio's. */
const INVALIDATES: readonly string[] = [
  'fallocate',
  'KVM_SEV_SNP_LAUNCH_UPDATE',
  'KVM_TDX_INIT_MEM_REGION',
  'KVM_SET_MEMORY_ATTRIBUTES2',
];

/** Takes pages out of the S-EPT. */
const ZAPS: readonly string[] = [
  'fallocate',
  'KVM_SET_MEMORY_ATTRIBUTES',
  'KVM_SET_MEMORY_ATTRIBUTES2',
  'KVM_SET_USER_MEMORY_REGION2',
  'memory_failure',
];

const KEEP_SIZE = 1;
