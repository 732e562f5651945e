import type { KernelState } from '../kernel.js';
import type { Shape } from './shape.js';
import type { Vcpu } from './structs.js';

/** Roots that union kvm_mmu_page_role keeps apart, each with leaves of its own. */
export const ORDINARY = 0;
export const GUEST_MODE = 1;
export const SMM = 2;

/** How many of them a world has. */
export function rootsOf({ modes = [] }: Shape): number {
  if (modes.includes('smm')) return SMM + 1;
  return modes.includes('nested_no_tdp') ? GUEST_MODE + 1 : ORDINARY + 1;
}

/** Address space of a root's slots, kvm_mmu_page_as_id(); and of a slot, slot->as_id. */
export const kvm_mmu_page_as_id = (root: number): number => (root === SMM ? 1 : 0);
export const as_id = ({ smmSlots = [] }: Shape, slot: number): number =>
  smmSlots.includes(slot) ? 1 : 0;

export const modeOf = (k: KernelState, vcpu: Vcpu) => k.shape.modes?.[k.vcpus.indexOf(vcpu)];

/** Has L1 nested paging, or KVM shadow paging? Then mmu->page_fault walks shadow page tables. */
export const usesShadowPaging = (k: KernelState, vcpu: Vcpu): boolean =>
  k.shape.shadowPaging === true || modeOf(k, vcpu) === 'nested';

/** Index of a gfn's leaf in the root that this vCPU uses. */
export function sptep(k: KernelState, vcpu: Vcpu, gfn: number): number {
  const mode = modeOf(k, vcpu);
  const root = mode === 'smm' ? SMM : mode === 'nested_no_tdp' ? GUEST_MODE : ORDINARY;
  return root * k.shape.gfns + gfn;
}

/** The same of the vCPU that handles a fault: kvm_get_running_vcpu(), who has its mutex. */
export function runningSptep(k: KernelState, gfn: number): number {
  if (rootsOf(k.shape) === 1) return gfn;
  return sptep(
    k,
    k.vcpus.find((v) => v.mutex.owner === k.memory.actor)!,
    gfn,
  );
}
