import { step } from '../../../src/core/index.js';
import {
  EPT_VIOLATION,
  EPT_VIOLATION_PENDING,
  NOT_RUNNABLE,
  SIZE_MISMATCH,
  VM_DEAD,
} from '../../exits.js';
import type { Kernel } from '../../kernel.js';
import { entryOf, lockOf, septOf } from '../../state/leaves.js';
import { NONE, ZERO } from '../../state/shape.js';
import { VALID_ROOT, type Vcpu } from '../../state/structs.js';
import {
  ACCEPTING,
  IDLE,
  IN_GUEST_MODE,
  OUTSIDE_GUEST_MODE,
  SEPT_FREE,
  SEPT_MAPPED,
  SEPT_PENDING,
  TD_STATE_RUNNABLE,
  ZERO_STEP,
  type VcpuTdx,
} from '../../state/tdx.js';
import { KVM_EXIT_IO, KVM_EXIT_UNKNOWN } from '../../uapi.js';
import { to_kvm_tdx } from './seamcalls.js';

/** What a TD's guest does in one KVM_RUN. */
export interface Access {
  readonly gfn: number;
  readonly write: boolean;
  readonly value: number;
  readonly isPrivate: boolean;
  /** TDG.MEM.PAGE.ACCEPT of this level instead of a read or a write; 0 = none. */
  readonly accept: number;
}

export const to_tdx = (k: Kernel, vcpu: Vcpu): VcpuTdx => k.vcpu_tdx[k.vcpus.indexOf(vcpu)]!;

/**
 * vcpu_enter_guest() up to TDH.VP.ENTER. KVM marks the vCPU IN_GUEST_MODE and
 * then looks at wait_for_sept_zap; who sets that kicks vCPUs that are marked, so
 * that the order of the two does not tell. A vCPU that finds it set goes round
 * in vcpu_run(); here it waits.
 *
 * Zero-step mitigation: the module takes the S-EPT tree lock when a vCPU enters
 * again and again with the same S-EPT violation unresolved. Its threshold is
 * six; here it is the first time.
 * @returns 0 = in the guest, 1 = in the module, or an exit
 */
export const tdx_vcpu_enter = (k: Kernel, vcpu: Vcpu) =>
  step(
    'vcpu_enter_guest(): IN_GUEST_MODE; tdh_vp_enter()',
    () => {
      const [tdx, v] = [to_kvm_tdx(k), to_tdx(k, vcpu)];
      vcpu.run_exit_reason = KVM_EXIT_UNKNOWN;
      vcpu.run_flags = 0;
      if (tdx.vm_dead) return VM_DEAD;
      if (tdx.state !== TD_STATE_RUNNABLE) return NOT_RUNNABLE;
      vcpu.root = VALID_ROOT;
      v.mode = IN_GUEST_MODE;
      const unresolved = v.violation !== NONE && septOf(k, v.violation).state === SEPT_FREE;
      if (unresolved) v.in_module = ZERO_STEP;
      else v.violation = NONE;
      return unresolved ? 1 : 0;
    },
    {
      when: () =>
        !to_kvm_tdx(k).wait_for_sept_zap && k.vcpu_tdx.every((v) => v.in_module !== ZERO_STEP),
    },
  );

export const zero_step_mitigation = (k: Kernel, vcpu: Vcpu) =>
  step('tdh_vp_enter(): zero-step mitigation gives up the S-EPT tree lock', () => {
    to_tdx(k, vcpu).in_module = IDLE;
  });

/** Walk, access and exit: one step, as for other guests. */
export const guest_access = (k: Kernel, vcpu: Vcpu, a: Access) => {
  const what = a.write ? `write [${a.gfn}] = ${a.value}` : `read [${a.gfn}]`;
  return step(`tdx_vcpu_run(): guest ${what}`, () => {
    const word = a.isPrivate ? privateAccess(k, vcpu, a) : sharedAccess(k, a);
    leave(k, vcpu, word > EPT_VIOLATION);
    return word;
  });
};

function privateAccess(k: Kernel, vcpu: Vcpu, { gfn, write, value }: Access): number {
  const { state, pfn } = septOf(k, gfn);
  if (state === SEPT_PENDING) return EPT_VIOLATION_PENDING;
  if (state !== SEPT_MAPPED) return violation(k, vcpu, gfn);
  const folio = k.folios[pfn]!;
  if (write) folio.content = value;
  return folio.content;
}

function sharedAccess(k: Kernel, { gfn, write, value }: Access): number {
  const pfn = k.kvm.sptes.load(gfn);
  if (pfn === NONE) return EPT_VIOLATION;
  const folio = k.folios[pfn];
  if (folio) {
    if (write) folio.content = value;
    return folio.content;
  }
  if (write) k.host.store(pfn - k.shape.folios, value);
  return k.host.load(pfn - k.shape.folios);
}

function violation(k: Kernel, vcpu: Vcpu, gfn: number, accept: number = 0): number {
  to_tdx(k, vcpu).violation = gfn;
  if (k.shape.huge) to_tdx(k, vcpu).accept_level.store(0, accept);
  return EPT_VIOLATION;
}

function leave(k: Kernel, vcpu: Vcpu, isDone: boolean): void {
  const v = to_tdx(k, vcpu);
  v.mode = OUTSIDE_GUEST_MODE;
  v.kicked = false;
  if (!isDone) return;
  v.violation = NONE;
  vcpu.run_exit_reason = KVM_EXIT_IO;
}

/**
 * TDG.MEM.PAGE.ACCEPT walks, and locks the entry where there is one to accept. A page
 * that is mapped smaller than asked the guest is told of, and accepts it as it is. Of one
 * that waits to be accepted and is mapped larger the host is told, by an EPT violation
 * that says which level the guest asks for.
 */
export const accept_begin = (k: Kernel, vcpu: Vcpu, gfn: number, level: number) =>
  step(
    `tdx_vcpu_run(): TDG.MEM.PAGE.ACCEPT(${entryOf(k, gfn, level).name})`,
    () => {
      const { state, level: mapped } = septOf(k, gfn);
      if (state !== SEPT_FREE && mapped < level) return SIZE_MISMATCH;
      if (state === SEPT_PENDING && mapped === level) {
        to_tdx(k, vcpu).in_module = ACCEPTING + lockOf(k.shape, entryOf(k, gfn, level));
        return 1;
      }
      // TDX_PAGE_ALREADY_ACCEPTED is fine with a guest; a blocked page faults like a free one.
      const word = state === SEPT_MAPPED ? 0 : violation(k, vcpu, gfn, level);
      leave(k, vcpu, word === 0);
      return word;
    },
    { when: () => !isAccepted(k, gfn) },
  );

/** Is another vCPU at the entry that the walk would find? */
function isAccepted(k: Kernel, gfn: number): boolean {
  const lock = lockOf(k.shape, entryOf(k, gfn, septOf(k, gfn).level));
  return k.vcpu_tdx.some((v) => v.in_module === ACCEPTING + lock);
}

/** The page is cleared; only then may the guest touch it. */
export const accept_end = (k: Kernel, vcpu: Vcpu, gfn: number, level: number) =>
  step('TDG.MEM.PAGE.ACCEPT: page cleared, entry unlocked', () => {
    const { sept, sept_pfn, index, npages } = entryOf(k, gfn, level);
    for (let i = 0; i < npages; i++) k.folios[sept_pfn.load(index) + i]!.content = ZERO;
    sept.store(index, SEPT_MAPPED);
    to_tdx(k, vcpu).in_module = IDLE;
    leave(k, vcpu, true);
  });
