import { again, choose, step } from '../../src/core/index.js';
import { EPT_MISCONFIG, EPT_VIOLATION, FAIL_ENTRY, NPF_RMP, NPF_RMP_OWNER } from '../exits.js';
import type { Kernel } from '../kernel.js';
import { sptep } from '../state/roots.js';
import { MMIO, MMIO_OLD, NONE } from '../state/shape.js';
import { isLargeRmp, isLeaf2M } from '../state/thp.js';
import { cache } from '../state/tlb.js';
import { VALID_ROOT, type Vcpu } from '../state/structs.js';
import { isOwn } from '../state/vms.js';
import { KVM_EXIT_FAIL_ENTRY, KVM_EXIT_IO, KVM_EXIT_UNKNOWN } from '../uapi.js';

export interface Access {
  readonly gfn: number;
  readonly write: boolean;
  readonly value: number;
  readonly isPrivate: boolean;
}

/** One access of a guest, from its entry on. @returns the word read, or why there is none */
export function* guest_access(k: Kernel, vcpu: Vcpu, access: Access) {
  const { gfn, write, value } = access;
  const text = write ? `write [${gfn}] = ${value}` : `read [${gfn}]`;
  const word = k.shape.tlb
    ? yield* throughTlb(k, vcpu, access, text)
    : yield* step(`vcpu_enter_guest(): guest ${text}`, () => {
        const pfn = enterAndWalk(k, vcpu, access);
        return pfn < 0 ? pfn : touch(k, vcpu, pfn, access);
      });
  return word === FAIL_ENTRY ? 0 : word;
}

/**
 * Walk and access apart: between the two the SPTE may go, and what was cached
 * serves until it is flushed. A TLB may drop an entry at any time, so that a
 * guest may walk the tables although it has one.
 */
function* throughTlb(k: Kernel, vcpu: Vcpu, access: Access, text: string) {
  const { gfn } = access;
  const walked = yield* choose(
    `vcpu_enter_guest(): guest page walk [${gfn}]`,
    [
      { name: '', cost: 0 },
      { name: 'its TLB has it', cost: 0 },
    ],
    (cached) => {
      if (cached) {
        const entered = enter(vcpu);
        const isRefused = access.write && !isWritable(k, vcpu, gfn);
        return entered === 0 && isRefused ? EPT_VIOLATION : entered;
      }
      const pfn = enterAndWalk(k, vcpu, access);
      cache(k, vcpu, gfn, Math.max(pfn, NONE));
      return Math.min(pfn, 0);
    },
    { when: (cached) => cached === 0 || vcpu.tlb.load(gfn) !== NONE },
  );
  if (walked !== 0) return walked;
  const word = yield* step(`guest ${text}`, () => {
    const pfn = vcpu.tlb.load(gfn);
    return pfn === NONE ? EPT_VIOLATION : touch(k, vcpu, pfn, access);
  });
  // Kicked for the flush in between: it enters the guest again.
  return word === EPT_VIOLATION ? yield* again() : word;
}

/** A vCPU with an obsolete root gets a new one when it enters. */
function enter(vcpu: Vcpu): number {
  vcpu.run_exit_reason = KVM_EXIT_UNKNOWN;
  vcpu.run_flags = 0;
  vcpu.root = VALID_ROOT;
  // VMRUN fails until LAUNCH_FINISH has measured the vCPU's VMSA.
  if (vcpu.kvm.launched) return 0;
  vcpu.run_exit_reason = KVM_EXIT_FAIL_ENTRY;
  return FAIL_ENTRY;
}

/** @returns what the SPTE maps, or why there is nothing */
function enterAndWalk(k: Kernel, vcpu: Vcpu, { gfn, write, isPrivate }: Access): number {
  if (enter(vcpu) !== 0) return FAIL_ENTRY;
  const pfn = vcpu.kvm.sptes.load(sptep(k, vcpu, gfn));
  if (pfn === NONE) return EPT_VIOLATION;
  if (pfn === MMIO || pfn === MMIO_OLD) return EPT_MISCONFIG;
  if (write && !isWritable(k, vcpu, gfn)) return EPT_VIOLATION;
  // Under SNP the C-bit of an access must agree with the RMP, or it faults.
  const isAssigned = k.rmp[pfn]?.assigned === true && isOwn(k, k.rmp[pfn], vcpu.kvm);
  if (k.shape.memory === 'snp' && isAssigned !== isPrivate) return NPF_RMP_OWNER;
  const isTooSmall = isAssigned && isLargeRmp(k, pfn) && !isLeaf2M(k, vcpu.kvm, gfn);
  return isTooSmall ? NPF_RMP : pfn;
}

const isWritable = (k: Kernel, vcpu: Vcpu, gfn: number): boolean =>
  !k.shape.slotFlags || vcpu.kvm.sptes_writable.load(sptep(k, vcpu, gfn)) === 1;

/** The access itself, to whatever the frame holds by now. */
function touch(k: Kernel, vcpu: Vcpu, pfn: number, { write, value }: Access): number {
  vcpu.run_exit_reason = KVM_EXIT_IO;
  if (pfn >= k.shape.folios) {
    if (write) k.host.store(pfn - k.shape.folios, value);
    return k.host.load(pfn - k.shape.folios);
  }
  const folio = k.folios[pfn]!;
  if (write) folio.content = value;
  return folio.content;
}
