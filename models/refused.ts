import { InputError } from '../src/core/index.js';
import { hostPagesGo } from './modes.js';
import type { Protocol } from './protocol.js';
import type { Scenario } from './scenario.js';

/** What one version can be asked and another cannot. */

/** Can an inode have several files, of several VMs, in this version? */
export const mayHaveSeveral = ({ functions }: Protocol): boolean =>
  Object.hasOwn(functions, 'kvm_gmem_invalidate_begin');

/** @throws InputError for several VMs, or files of an inode, where the model has only one. */
export function checkVms({ vms, memory, ...s }: Scenario, protocol: Protocol): void {
  if (!vms) return;
  if (s.modes || s.smmSlots || hostPagesGo(s.columns))
    throw new InputError('vms= is for vCPUs in no special mode, and without munmap and madvise');
  if (memory === 'tdx' && vms.count > 1)
    throw new InputError('memory=tdx is for one VM: expected no vms=');
  if (mayHaveSeveral(protocol)) return;
  if (vms.count === 1)
    throw new InputError(`under ${protocol.id} an inode has one file: expected no gmem[i]=gmem0`);
  throw new InputError(`under ${protocol.id} a file is of one VM: expected no vms=`);
}

/** Only a VM without private memory may have memory that is shared from the start. */
export function checkFlags(scenario: Scenario, protocol: Protocol): void {
  const { memory, initial, columns, fileFlags } = scenario;
  const flags = fileFlags?.find((f) => f !== 'none') ?? scenario.flags;
  if (flags === 'none') return;
  if (!Object.hasOwn(protocol.functions, 'kvm_gmem_fault_user_mapping'))
    throw new InputError(`${protocol.id} has no GUEST_MEMFD_FLAG_${flags}`);
  if (fileFlags || Object.hasOwn(protocol.functions, 'kvm_gmem_set_attributes')) return;
  const isPrivate =
    memory === 'tdx' ||
    columns.some((c) =>
      c.calls.some((call) => call.op === 'KVM_SET_MEMORY_ATTRIBUTES' && call.attrs !== 0),
    );
  if (flags === 'INIT_SHARED' && (isPrivate || initial.attributes.includes(true)))
    throw new InputError(
      `under ${protocol.id} flags=INIT_SHARED is for VMs without private memory: expected ` +
        `no private attribute, and not memory=tdx`,
    );
}

/** Huge pages are there in the series that are about them, for the VMs that these are about. */
export function checkHuge(
  { huge, memory, columns, dynamicPamt }: Scenario,
  { id, hugePages }: Protocol,
): void {
  if (dynamicPamt && (!huge || memory !== 'tdx'))
    throw new InputError("'pamt=dynamic' needs memory=tdx and huge=N: only splits take from it");
  if (!huge) return;
  if (hugePages.length === 0)
    throw new InputError(`${id} has no huge pages of guest_memfd: 'huge=${huge.leaf}'`);
  if (!hugePages.includes(memory))
    throw new InputError(`'huge=${huge.leaf}' needs memory=${hugePages.join(' or ')}`);
  if (memory === 'tdx') return;
  if (huge.folio !== huge.leaf)
    throw new InputError(`under ${id} a huge page has 2M: expected folio=${huge.leaf}, or none`);
  const call = columns.flatMap((c) => c.calls).find((c) => NOT_OF_THP.includes(c.op));
  if (call) throw new InputError(`'${call.op}' is not modelled with huge=${huge.leaf} under ${id}`);
}

/** What of transparent huge pages is left out. */
export const NOT_OF_THP: readonly string[] = ['memory_failure', 'KVM_SEV_SNP_LAUNCH_UPDATE'];
