import { InputError } from '../src/core/index.js';
import { callText } from './operations.js';
import type { Protocol } from './protocol.js';
import type { Scenario } from './scenario.js';
import type { Shape } from './state/shape.js';

/** Where pages of the VMM's memory go, it does not touch them, nor does emulated MMIO. @throws InputError */
export function checkHostMemory(shape: Shape, { columns }: Scenario): void {
  if (!shape.hostUnmaps) return;
  const touches = columns.flatMap((c) => c.calls).find((c) => c.op.startsWith('host_'));
  if (touches)
    throw new InputError(`'${callText(touches)}' beside munmap or madvise is not modelled`);
  if (shape.mmio || shape.smmSlots)
    throw new InputError('munmap and madvise need a VM without MMIO SPTEs and slots of SMM');
}

/** Which VMs, and which operations, vCPUs in SMM and with nested guests may have. @throws InputError */
export function checkModes(s: Scenario): void {
  const { modes = [], smmSlots = [], shadowPaging = false } = s;
  if ((modes.length > 0 || shadowPaging) && s.memory !== 'sw')
    throw new InputError(`vcpu[i] and paging=shadow need memory=sw, not ${s.memory}`);
  // kvm_arch_nr_memslot_as_ids(), and kvm_is_vm_type_supported() of a software-protected VM.
  const oneSpace = modes.includes('smm') || smmSlots.length > 0;
  if ((oneSpace || shadowPaging) && mayBePrivate(s))
    throw new InputError(
      `a VM with private memory has ${shadowPaging ? 'two-dimensional paging' : 'one address space'}: ` +
        'expected slots without guest_memfd, and no private attribute',
    );
  for (const call of s.columns.flatMap((c) => c.calls)) {
    const isRun = call.op === 'read' || call.op === 'write';
    if (isRun && (shadowPaging || modes[call.vcpu] === 'nested'))
      throw new InputError(
        `'${callText(call)}' would walk shadow page tables: expected pre-faults`,
      );
  }
}

function mayBePrivate({ initial, columns }: Scenario): boolean {
  return (
    initial.attributes.includes(true) ||
    initial.slots.some((slot) => slot.file !== undefined) ||
    columns.some((c) =>
      c.calls.some(
        (call) =>
          call.op.startsWith('KVM_SET_MEMORY_ATTRIBUTES') ||
          (call.op === 'KVM_SET_USER_MEMORY_REGION2' && call.file !== undefined),
      ),
    )
  );
}

/** Have slots other flags than KVM_MEM_GUEST_MEMFD? */
export const hasSlotFlags = ({ initial, columns }: Scenario): boolean =>
  initial.slots.some((slot) => slot.readonly) ||
  columns.some((c) =>
    c.calls.some((call) => call.op === 'KVM_SET_USER_MEMORY_REGION2' && (call.flags ?? 0) !== 0),
  );

/** kvm_arch_has_readonly_mem() and check_memory_region_flags(). @throws InputError */
export function checkReadonly(s: Scenario, protocol: Protocol): void {
  if (!s.initial.slots.some((slot) => slot.readonly)) return;
  if (s.memory !== 'sw') throw new InputError(`readonly[s] needs memory=sw, not ${s.memory}`);
  if (!protocol.readonlyGmem && s.initial.slots.some((x) => x.readonly && x.file !== undefined))
    throw new InputError(`under ${protocol.id} a read-only slot has no guest_memfd`);
}

/** Does the VMM give up pages behind userspace_addr? */
export const hostPagesGo = (columns: Scenario['columns']): boolean =>
  columns.some((c) => c.calls.some(({ op }) => op === 'munmap' || op === 'madvise'));

/** Does a region say where it lies in the VMM's memory? A slot that moves has to. */
export const namesUserspaceAddr = (columns: Scenario['columns']): boolean =>
  columns.some((c) =>
    c.calls.some((x) => x.op === 'KVM_SET_USER_MEMORY_REGION2' && x.userspace_addr !== undefined),
  );
