import type { Call } from '../../operations.js';
import type { VcpuMode } from '../../state/shape.js';
import type { Assignments } from './assignments.js';

const MODES: readonly VcpuMode[] = ['smm', 'nested', 'nested_no_tdp'];

/** vcpu[i]=smm, nested or nested_no_tdp, of vCPUs that some column has. */
export function readModes(given: Assignments, calls: readonly Call[]): (VcpuMode | undefined)[] {
  const vcpus = Math.max(1, ...calls.map((c) => ('vcpu' in c ? c.vcpu + 1 : 1)));
  const modes = Array.from({ length: vcpus }, (): VcpuMode | undefined => undefined);
  for (const { place, values } of given.named('vcpu'))
    modes[given.index(place, vcpus)] =
      MODES.find((m) => m === values[0]!.text) ?? given.expected(values[0]!, MODES.join(' or '));
  return modes;
}
