import { again, lock, step, test, unlock } from '../../src/core/index.js';
import { EPT_MISCONFIG, EPT_VIOLATION, NPF_RMP } from '../exits.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { isReadonly } from '../state/flags.js';
import { hvaOf } from '../state/hva.js';
import type { Slot, Vcpu } from '../state/structs.js';
import { NONE } from '../state/shape.js';
import { gfnOfVm } from '../state/vms.js';
import { KVM_EXIT_IO, KVM_EXIT_MMIO } from '../uapi.js';
import { guest_access } from './guest.js';
import { kvm_srcu_read_lock, kvm_srcu_read_unlock } from './locks.js';
import { isInvalidCopy, kvm_vcpu_gfn_to_memslot } from './memslots.js';
import { RET_PF_EMULATE } from './ret_pf.js';

const x86 = from('arch/x86/kvm/x86.c', '6.12.117');

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
  accept: number = 0,
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
 * delay.
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
  const word = yield* guest_access(k, vcpu, { gfn, write, value, isPrivate });
  if (word > EPT_VIOLATION) return [0, word] as const;
  yield* kvm_srcu_read_lock(vcpu.kvm);
  const r =
    word === EPT_MISCONFIG
      ? yield* k.kvm_mmu_page_fault(vcpu, gfn, write, false, true)
      : yield* k.kvm_mmu_page_fault(vcpu, gfn, write, isPrivate);
  if (word === NPF_RMP && r >= 0) yield* k.sev_handle_rmp_fault(vcpu, gfn);
  const emulated = r === RET_PF_EMULATE ? yield* emulate(k, vcpu, gfn, write, value) : 0;
  yield* kvm_srcu_read_unlock(vcpu.kvm);
  if (r === RET_PF_EMULATE) return [0, emulated] as const;
  if (r < 0) return [r, 0] as const;
  // A release that this thread owes happens before it enters the guest again.
  if (k.shape.closes) yield* k.task_work_run();
  return yield* again();
});

/** A write there has no hva. */
const memslot_is_readonly = (slot: Slot) =>
  test('memslot_is_readonly(slot)', () => isReadonly(slot));

/**
 * emulator_read_write(): the gfn is looked up again. A slot that came meanwhile
 * is accessed through userspace_addr, whatever the attribute; otherwise it is MMIO, as a
 * write to a read-only slot is.
 */
export function* emulate(k: Kernel, vcpu: Vcpu, gfn: number, write: boolean, value: number) {
  const slot = yield* kvm_vcpu_gfn_to_memslot(k, vcpu, gfn);
  const isMmio =
    slot === NONE ||
    isInvalidCopy(slot) ||
    (write && k.shape.slotFlags && (yield* memslot_is_readonly(k.slots[slot]!)));
  const does = isMmio ? 'run->exit_reason = KVM_EXIT_MMIO' : 'access through slot->userspace_addr';
  return yield* step(does, () => {
    vcpu.run_exit_reason = isMmio ? KVM_EXIT_MMIO : KVM_EXIT_IO;
    if (isMmio) return 0;
    const page = gfnOfVm(k, vcpu.kvm, hvaOf(k, k.slots[slot]!, gfn));
    if (write) k.host.store(page, value);
    return k.host.load(page);
  });
}
