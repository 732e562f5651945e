import { again, lock, step, unlock } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { NONE, MMIO, MMIO_OLD } from '../state/shape.js';
import { VALID_ROOT, type Vcpu } from '../state/structs.js';
import { gfnOfVm, isOwn } from '../state/vms.js';
import { KVM_EXIT_FAIL_ENTRY, KVM_EXIT_IO, KVM_EXIT_MMIO, KVM_EXIT_UNKNOWN } from '../uapi.js';
import { kvm_srcu_read_lock, kvm_srcu_read_unlock } from './locks.js';
import { isInvalidCopy } from './memslots.js';
import { RET_PF_EMULATE } from './ret_pf.js';

const x86 = from('arch/x86/kvm/x86.c', '6.12.117');

/** What the access of a guest observes when its gfn has no SPTE. */
const EPT_VIOLATION = -2;
/** What it observes when the SPTE has reserved bits set: an MMIO SPTE. */
const EPT_MISCONFIG = -3;

/**
 * KVM_RUN of a guest that makes one access and then exits to user space.
 * @returns ret, exit reason, MEMORY_FAULT flags, word read
 */
export const kvm_arch_vcpu_ioctl_run = x86(function* kvm_arch_vcpu_ioctl_run(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  write: boolean,
  value: number,
  isPrivate: boolean,
  accept: boolean = false,
) {
  yield* lock('mutex_lock_killable(&vcpu->mutex)', vcpu.mutex);
  const [r, word] = yield* accept
    ? k.vcpu_run(vcpu, gfn, write, value, isPrivate, accept)
    : k.vcpu_run(vcpu, gfn, write, value, isPrivate);
  const exit = yield* step('run->exit_reason', () => vcpu.run_exit_reason);
  const flags = yield* step('run->memory_fault.flags', () => vcpu.run_flags);
  yield* unlock('mutex_unlock(&vcpu->mutex)', vcpu.mutex);
  return [r, exit, flags, word] as const;
});

/**
 * The run loop. SRCU is held while an exit is handled and dropped around the
 * guest; the empty section before the first entry is left out, it can only
 * delay. A vCPU with an obsolete root gets a new one when it enters.
 * @returns ret, word read
 */
export const vcpu_run = x86(function* vcpu_run(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  write: boolean,
  value: number,
  isPrivate: boolean,
) {
  const access = write ? `write [${gfn}] = ${value}` : `read [${gfn}]`;
  const word = yield* step(`vcpu_enter_guest(): guest ${access}`, () => {
    vcpu.run_exit_reason = KVM_EXIT_UNKNOWN;
    vcpu.run_flags = 0;
    vcpu.root = VALID_ROOT;
    return guestAccess(k, vcpu, gfn, write, value, isPrivate);
  });
  if (word > EPT_VIOLATION) return [0, word] as const;
  yield* kvm_srcu_read_lock(vcpu.kvm);
  const r =
    word === EPT_MISCONFIG
      ? yield* k.kvm_mmu_page_fault(vcpu, gfn, write, false, true)
      : yield* k.kvm_mmu_page_fault(vcpu, gfn, write, isPrivate);
  const emulated = r === RET_PF_EMULATE ? yield* emulate(k, vcpu, gfn, write, value) : 0;
  yield* kvm_srcu_read_unlock(vcpu.kvm);
  if (r === RET_PF_EMULATE) return [0, emulated] as const;
  if (r < 0) return [r, 0] as const;
  // A release that this thread owes happens before it enters the guest again.
  if (k.shape.closes) yield* k.task_work_run();
  return yield* again();
});

/**
 * emulator_read_write(): the gfn is looked up again. A slot that came meanwhile
 * is accessed through userspace_addr, whatever the attribute; otherwise it is MMIO.
 */
export function* emulate(k: Kernel, vcpu: Vcpu, gfn: number, write: boolean, value: number) {
  const slot = yield* k.gfn_to_memslot(vcpu.kvm, gfn);
  const page = gfnOfVm(k, vcpu.kvm, gfn);
  const isMmio = slot === NONE || isInvalidCopy(slot);
  const does = isMmio ? 'run->exit_reason = KVM_EXIT_MMIO' : 'access through slot->userspace_addr';
  return yield* step(does, () => {
    vcpu.run_exit_reason = isMmio ? KVM_EXIT_MMIO : KVM_EXIT_IO;
    if (isMmio) return 0;
    if (write) k.host.store(page, value);
    return k.host.load(page);
  });
}

/** Page walk and access: one step, since a zap flushes TLBs before it is done. */
function guestAccess(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  write: boolean,
  value: number,
  isPrivate: boolean,
): number {
  const { kvm } = vcpu;
  // VMRUN fails until LAUNCH_FINISH has measured the vCPU's VMSA.
  if (!kvm.launched) {
    vcpu.run_exit_reason = KVM_EXIT_FAIL_ENTRY;
    return 0;
  }
  const pfn = kvm.sptes.load(gfn);
  if (pfn === NONE) return EPT_VIOLATION;
  if (pfn === MMIO || pfn === MMIO_OLD) return EPT_MISCONFIG;
  // Under SNP the C-bit of an access must agree with the RMP, or it faults.
  const isAssigned = k.rmp[pfn]?.assigned === true && isOwn(k, k.rmp[pfn], kvm);
  if (k.shape.memory === 'snp' && isAssigned !== isPrivate) return EPT_VIOLATION;
  vcpu.run_exit_reason = KVM_EXIT_IO;
  if (pfn >= k.shape.folios) {
    if (write) k.host.store(pfn - k.shape.folios, value);
    return k.host.load(pfn - k.shape.folios);
  }
  const folio = k.folios[pfn]!;
  if (write) folio.content = value;
  return folio.content;
}
