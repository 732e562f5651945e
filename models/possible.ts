import type { Call } from './operations.js';
import type { Scenario } from './scenario.js';

/** A reason why a scenario cannot happen on a real machine. */
interface Impossible {
  readonly because: string;
  readonly when: (scenario: Scenario) => boolean;
}

/** What this model can be asked and a kernel cannot, each with the reason. */
export const impossible: readonly Impossible[] = [
  {
    because: 'only an SNP VM has a launch',
    when: (s) => s.memory !== 'snp' && has(s, isLaunch),
  },
  {
    because: 'only a TD is initialised, finalized, and accepts pages',
    when: (s) => s.memory !== 'tdx' && has(s, isOfTd),
  },
  {
    because: 'without GUEST_MEMFD_FLAG_MMAP mmap() is -ENODEV',
    when: (s) => s.flags === 'none' && has(s, isOfMapping),
  },
];

/** Could this scenario be run by a real VMM? */
export const isPossible = (scenario: Scenario): boolean =>
  !impossible.some(({ when }) => when(scenario));

/** Does this go through the VMM's mapping of a guest_memfd? */
export const isOfMapping = (c: Call): boolean =>
  ['mmap_read', 'mmap_write', 'pin_user_pages', 'mincore'].includes(c.op);

const isLaunch = (c: Call): boolean =>
  c.op === 'KVM_SEV_SNP_LAUNCH_UPDATE' || c.op === 'KVM_SEV_SNP_LAUNCH_FINISH';

const isOfTd = (c: Call): boolean => c.op.startsWith('KVM_TDX') || c.op === 'accept';

const count = (s: Scenario, is: (c: Call) => boolean): number =>
  s.columns.flatMap((c) => c.calls).filter(is).length;

const has = (s: Scenario, is: (c: Call) => boolean): boolean => count(s, is) > 0;
