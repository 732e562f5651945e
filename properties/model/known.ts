import type { ScenarioConstraints } from '../../models/arbitraries.js';
import type { Scenario } from '../../models/scenario.js';

/** A violation that is known, and so left out of what is generated. */
interface Known {
  readonly protocols: readonly string[];
  readonly because: string;
  readonly in: (scenario: Scenario) => boolean;
}

const PRE_FAULT = ['P3p-v2', 'P3p-v3', 'P3p-v4'];
const PREPARES_ALWAYS = ['P2-early', 'P2', ...PRE_FAULT];
const BEFORE_6_13 = ['P1', 'P1a', ...PREPARES_ALWAYS, 'P3', 'P3z', 'P3z+reload'];
const BEFORE_6_18 = [...BEFORE_6_13, 'P4', 'THP', 'P5'];
const BY_HVA = ['P0s+hva', 'P0s+hva-zap', 'P0s+hva-begin', 'P0s+hva-seq'];
const LATER = ['P4', 'THP', 'P5', 'P6', 'P7', 'P8', 'P9', 'P9+delayed'];

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
    in: (s) => hasCall(s, 'KVM_SET_MEMORY_ATTRIBUTES2') && (s.memory === 'snp' || s.faults > 0),
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
];

/** What to generate so that only what is not known yet can be found. */
export const withoutKnown = (protocol: string): ScenarioConstraints => ({
  excludes: (scenario) => known.some((k) => k.protocols.includes(protocol) && k.in(scenario)),
});

const calls = (s: Scenario) => s.columns.flatMap((c) => c.calls);

const hasCall = (s: Scenario, name: string): boolean => calls(s).some((c) => c.op === name);

const deletesSlot = (s: Scenario): boolean =>
  calls(s).some((c) => c.op === 'KVM_SET_USER_MEMORY_REGION2' && c.npages === 0);

function allocates(s: Scenario): boolean {
  return calls(s).some((c) => c.op === 'fallocate' && c.mode === KEEP_SIZE);
}

const mayHaveFinished = (s: Scenario): boolean =>
  s.initial.launched || hasCall(s, 'KVM_SEV_SNP_LAUNCH_FINISH');

const KEEP_SIZE = 1;
