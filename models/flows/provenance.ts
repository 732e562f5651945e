import type { KernelState } from '../kernel.js';
import { NONE } from '../state/shape.js';
import type { Kvm } from '../state/structs.js';

/**
 * Ghosts of S4s: was a folio put into a hole by a fault that is older than the
 * hole? A fault is as old as its snapshot of mmu_invalidate_seq, a hole as its
 * kvm_mmu_invalidate_begin(). They cost states, so they are kept on request.
 */

/** kvm_mmu_invalidate_begin() by the running actor: who is older? A VM's faults by its own begin. */
export function rememberOlderFaults(k: KernelState, kvm: Kvm): void {
  if (!k.shape.provenance) return;
  let older = k.kvms.length > 1 ? k.ghost.older_than_punch.load(k.memory.actor) : 0;
  for (let a = 0; a < k.shape.actors; a++) if (kvm.mmu_invalidate_seq.isLive(a)) older |= 1 << a;
  k.ghost.older_than_punch.store(k.memory.actor, older);
}

/** The running actor takes a new snapshot: it is younger than every hole. */
export function forgetOlderFault(k: KernelState): void {
  if (!k.shape.provenance) return;
  for (let p = 0; p < k.shape.actors; p++)
    k.ghost.older_than_punch.store(p, k.ghost.older_than_punch.load(p) & ~(1 << k.memory.actor));
}

/** The running actor begins to punch. */
export function rememberHole(k: KernelState, start: number, end: number): void {
  if (!k.shape.provenance) return;
  k.ghost.hole_start.store(k.memory.actor, start);
  k.ghost.hole_end.store(k.memory.actor, end);
  if (k.kvms.length > 1) k.ghost.older_than_punch.store(k.memory.actor, 0);
}

/** The running actor adds a folio: into a hole that is younger than its fault? */
export function rememberLateFolio(k: KernelState, folio: number, index: number): void {
  if (!k.shape.provenance) return;
  let late = 0;
  for (let p = 0; p < k.shape.actors; p++) {
    const inside = k.ghost.hole_start.load(p) <= index && index < k.ghost.hole_end.load(p);
    const older = (k.ghost.older_than_punch.load(p) >> k.memory.actor) & 1;
    if (inside && older) late |= 1 << p;
  }
  k.ghost.added_late.store(folio, late);
}

/** The running actor's punch returns: what did older faults leave in its hole? */
export function judgeHole(k: KernelState): void {
  if (!k.shape.provenance) return;
  const me = k.memory.actor;
  for (let f = 0; f < k.shape.folios; f++) {
    const late = k.ghost.added_late.load(f);
    if (k.ghost.left_in_hole.load(f) && isInHole(k, f)) k.ghost.left_in_hole.store(f, 2);
    else if ((late >> me) & 1) k.ghost.left_in_hole.store(f, 1);
    k.ghost.added_late.store(f, late & ~(1 << me));
  }
  k.ghost.older_than_punch.store(me, 0);
  k.ghost.hole_start.store(me, NONE);
  k.ghost.hole_end.store(me, NONE);
}

function isInHole(k: KernelState, folio: number): boolean {
  const { index } = k.folios[folio]!;
  const { hole_start, hole_end } = k.ghost;
  return hole_start.load(k.memory.actor) <= index && index < hole_end.load(k.memory.actor);
}
