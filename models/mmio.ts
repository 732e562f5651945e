import type { Scenario } from './scenario.js';

/**
 * Is there a gfn that a vCPU accesses, that may be without a slot, and whose
 * attribute changes? Elsewhere an MMIO SPTE answers as its absence would. SNP
 * is left out: its guests take MMIO through #VC, not through such SPTEs.
 */
export function mayLeaveMmio(s: Scenario): boolean {
  if (s.memory !== 'sw') return false;
  return Array.from({ length: s.vms?.count ?? 1 }, (_, vm) => vm).some((vm) => leavesMmio(s, vm));
}

function leavesMmio(s: Scenario, vm: number): boolean {
  const calls = s.columns.flatMap((c) => c.calls).filter((c) => (c.vm ?? 0) === vm);
  const slots = s.initial.slots.filter((slot) => (slot.vm ?? 0) === vm);
  const deletes = calls.some(
    (c) =>
      c.op === 'KVM_SET_USER_MEMORY_REGION2' && (c.npages === 0 || c.userspace_addr !== undefined),
  );
  const accessed = (gfn: number): boolean =>
    calls.some(
      (c) => 'vcpu' in c && 'gfn' in c && covers('npages' in c ? c : { ...c, npages: 1 }, gfn),
    );
  const changes = (gfn: number): boolean =>
    calls.some(
      (c) =>
        c.op === 'KVM_SET_MEMORY_ATTRIBUTES' &&
        covers(c, gfn) &&
        (c.attrs !== 0) !== (s.initial.attributes[vm * s.gfns + gfn] ?? false),
    );
  return Array.from({ length: s.gfns }, (_, gfn) => gfn).some(
    (gfn) => accessed(gfn) && changes(gfn) && (deletes || !slots.some((slot) => covers(slot, gfn))),
  );
}

/** Is a frame in a range? */
export const covers = (range: { gfn: number; npages: number }, gfn: number): boolean =>
  range.gfn <= gfn && gfn < range.gfn + range.npages;
