import type { KernelState } from '../kernel.js';
import { NONE } from './shape.js';
import type { Inode } from './structs.js';

/** Ghosts of S11 and S12, in worlds with huge pages. */

/** An operation on a range of a file begins: nothing is destroyed yet. */
export function rememberOperation(k: KernelState): void {
  if (k.shape.huge) k.ghost.has_destroyed.store(k.memory.actor, 0);
}

/** The running actor takes a leaf from the guest, or a page out of the filemap. */
export function rememberDestruction(k: KernelState): void {
  if (k.shape.huge) k.ghost.has_destroyed.store(k.memory.actor, 1);
}

/** It fails, because there was no memory to split a leaf. */
export function judgeFailure(k: KernelState): void {
  if (!k.shape.huge) return;
  if (k.ghost.has_destroyed.load(k.memory.actor)) k.ghost.failed_halfway.store(0, 1);
  k.ghost.has_destroyed.store(k.memory.actor, 0);
}

/** It has succeeded; a hole must be empty by now. */
export function judgeSuccess(k: KernelState, inode: Inode, start: number, end: number): void {
  if (!k.shape.huge) return;
  for (let i = start; i < Math.min(end, k.shape.pages); i++)
    if (inode.i_pages.load(i) !== NONE) k.ghost.kept_in_hole.store(0, 1);
  k.ghost.has_destroyed.store(k.memory.actor, 0);
}
