import { InputError } from '../src/core/index.js';
import type { Protocol } from './protocol.js';
import type { Scenario } from './scenario.js';

/** Can an inode have files of several VMs in this version? */
export const mayHaveSeveral = ({ functions }: Protocol): boolean =>
  Object.hasOwn(functions, 'kvm_gmem_invalidate_begin');

/** @throws InputError for several VMs where the model has only one. */
export function checkVms({ vms, memory }: Scenario, protocol: Protocol): void {
  if (!vms) return;
  if (memory === 'tdx') throw new InputError('memory=tdx is for one VM: expected no vms=');
  if (!mayHaveSeveral(protocol))
    throw new InputError(`under ${protocol.id} a file is of one VM: expected no vms=`);
}
