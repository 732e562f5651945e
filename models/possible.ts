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
    when: (s) => s.memory === 'sw' && has(s, isLaunch),
  },
  {
    because: 'sev_mem_enc_ioctl() holds kvm->lock, so launch commands come one after another',
    when: (s) => s.columns.filter((c) => c.calls.some(isLaunch)).length > 1,
  },
  {
    because: 'the firmware refuses SNP_LAUNCH_UPDATE once the launch has finished',
    when: (s) =>
      (s.initial.launched && has(s, isLaunch)) ||
      s.columns.some(({ calls }) => goesOnAfterFinish(calls)),
  },
  {
    because: 'a guest enters only with a VMSA that LAUNCH_FINISH has measured',
    when: (s) => !s.initial.launched && has(s, (c) => c.op === 'read' || c.op === 'write'),
  },
  {
    because: 'a descriptor is closed once',
    when: (s) => count(s, (c) => c.op === 'close') > 1,
  },
  {
    because: 'fallocate() holds a reference to its file (fdget), which the model leaves out',
    when: (s) => has(s, (c) => c.op === 'close') && has(s, (c) => c.op === 'fallocate'),
  },
];

/** Could this scenario be run by a real VMM? */
export const isPossible = (scenario: Scenario): boolean =>
  !impossible.some(({ when }) => when(scenario));

const isLaunch = (c: Call): boolean =>
  c.op === 'KVM_SEV_SNP_LAUNCH_UPDATE' || c.op === 'KVM_SEV_SNP_LAUNCH_FINISH';

const count = (s: Scenario, is: (c: Call) => boolean): number =>
  s.columns.flatMap((c) => c.calls).filter(is).length;

const has = (s: Scenario, is: (c: Call) => boolean): boolean => count(s, is) > 0;

function goesOnAfterFinish(calls: readonly Call[]): boolean {
  const finish = calls.findIndex((c) => c.op === 'KVM_SEV_SNP_LAUNCH_FINISH');
  return finish >= 0 && calls.slice(finish + 1).some(isLaunch);
}
