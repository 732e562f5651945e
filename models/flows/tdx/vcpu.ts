import { again, choose, step, test } from '../../../src/core/index.js';
import { EINVAL, EIO } from '../../errno.js';
import {
  EPT_VIOLATION,
  EPT_VIOLATION_PENDING,
  NOT_RUNNABLE,
  SIZE_MISMATCH,
  VM_DEAD,
} from '../../exits.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { entryOf, PG_LEVEL_4K, type Entry } from '../../state/leaves.js';
import type { Vcpu } from '../../state/structs.js';
import { kvm_srcu_read_lock, kvm_srcu_read_unlock } from '../locks.js';
import { RET_PF_EMULATE, RET_PF_RETRY } from '../ret_pf.js';
import { sigpending } from '../signals.js';
import { emulate, vcpu_run as run_others } from '../vcpu.js';
import {
  accept_begin,
  accept_end,
  guest_access,
  tdx_vcpu_enter,
  to_tdx,
  zero_step_mitigation,
  type Access,
} from './guest.js';
import { to_kvm_tdx } from './seamcalls.js';

const x86 = from('arch/x86/kvm/x86.c', 'v6.16');
const tdx = from('arch/x86/kvm/vmx/tdx.c', 'v6.16');

/** The run loop; SRCU is held while an exit is handled. @returns ret, word read */
export const vcpu_run = x86(function* vcpu_run(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  write: boolean,
  value: number,
  isPrivate: boolean,
  accept: number = 0,
) {
  if (k.shape.memory !== 'tdx') return yield* run_others(k, vcpu, gfn, write, value, isPrivate);
  const word = yield* tdx_vcpu_run(k, vcpu, { gfn, write, value, isPrivate, accept });
  if (word > EPT_VIOLATION) return [0, word] as const;
  if (word === VM_DEAD) return [-EIO, 0] as const;
  if (word === NOT_RUNNABLE) return [-EINVAL, 0] as const;
  yield* kvm_srcu_read_lock(k.kvm);
  const isPending = word === EPT_VIOLATION_PENDING;
  const r =
    k.shape.huge && isPrivate && !isPending
      ? yield* handleExit(k, vcpu)
      : yield* k.tdx_handle_ept_violation(vcpu, gfn, isPrivate, isPending);
  const emulated = r === RET_PF_EMULATE ? yield* emulate(k, vcpu, gfn, write, value) : 0;
  yield* kvm_srcu_read_unlock(k.kvm);
  if (r === RET_PF_EMULATE) return [0, emulated] as const;
  if (r < 0) return [r, 0] as const;
  if (k.shape.closes) yield* k.task_work_run();
  return yield* again();
});

function* tdx_vcpu_run(k: Kernel, vcpu: Vcpu, access: Access) {
  const entered = yield* tdx_vcpu_enter(k, vcpu);
  if (entered < 0) return entered;
  if (entered === 1) yield* zero_step_mitigation(k, vcpu);
  if (!access.accept) return yield* guest_access(k, vcpu, access);
  return yield* acceptPage(k, vcpu, access.gfn, access.accept);
}

/** try_accept_one() of the guest's kernel: what is not one page of 2M is pages of 4K. */
function* acceptPage(k: Kernel, vcpu: Vcpu, gfn: number, level: number) {
  const word = yield* acceptOne(k, vcpu, gfn, level);
  return word === SIZE_MISMATCH ? yield* acceptEach(k, vcpu, entryOf(k, gfn, level)) : word;
}

function* acceptEach(k: Kernel, vcpu: Vcpu, { gfn, npages }: Entry) {
  let word = 0;
  for (let i = 0; i < npages && word === 0; i++)
    word = yield* acceptOne(k, vcpu, gfn + i, PG_LEVEL_4K);
  return word;
}

function* acceptOne(k: Kernel, vcpu: Vcpu, gfn: number, level: number) {
  const accepting = yield* accept_begin(k, vcpu, gfn, level);
  if (accepting !== 1) return accepting;
  yield* accept_end(k, vcpu, gfn, level);
  return 0;
}

/** The exit says which gfn it was, and, if an ACCEPT exited, for which level. */
function* handleExit(k: Kernel, vcpu: Vcpu) {
  const gfn = yield* step('gpa = to_tdx(vcpu)->exit_gpa', () => to_tdx(k, vcpu).violation);
  const level = yield* step('eeq_type == ACCEPT: its level', () => {
    const { accept_level } = to_tdx(k, vcpu);
    const was = accept_level.load(0);
    accept_level.store(0, 0);
    return was;
  });
  return yield* k.tdx_handle_ept_violation(vcpu, gfn, true, false, level);
}

/**
 * For a private gfn KVM retries here and does not enter the guest in between:
 * an entry with the violation unresolved may bring zero-step mitigation on, and
 * that keeps the S-EPT busy for others. SRCU is held all the while.
 */
export const tdx_handle_ept_violation = tdx(function* tdx_handle_ept_violation(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isPrivate: boolean,
  isPending: boolean,
) {
  if (isPending) return yield* accessedBeforeAccept(k);
  const r = yield* k.kvm_mmu_page_fault(vcpu, gfn, true, isPrivate);
  if (r !== RET_PF_RETRY || !isPrivate) return r;
  if (yield* hasEvents(k)) return r;
  if (yield* isVmDead(k)) return -EIO;
  return yield* again();
});

/** The guest is wrong, or its page was taken away: it must accept it anew. */
export function* accessedBeforeAccept(k: Kernel) {
  yield* step('Guest access before accepting: kvm_vm_dead(vcpu->kvm)', () => {
    to_kvm_tdx(k).vm_dead = true;
  });
  return -EIO;
}

/** An interrupt or a signal, out of the fault budget; then the guest is entered again. */
export function* hasEvents(k: Kernel) {
  if (k.shape.signals && (yield* sigpending(k))) return true;
  if (k.shape.faults === 0) return false;
  const pending = yield* choose('kvm_vcpu_has_events(vcpu) || signal_pending(current)', [
    { name: '', cost: 0 },
    { name: 'yes', cost: 1 },
  ]);
  return pending !== 0;
}

export const isVmDead = (k: Kernel) =>
  test('kvm_check_request(KVM_REQ_VM_DEAD, vcpu)', () => to_kvm_tdx(k).vm_dead);
