import type { KernelState } from '../kernel.js';
import { forgetCounts } from './conversions.js';
import { NONE } from './shape.js';
import type { Inode } from './structs.js';

/** Ghosts of S11 and S12, in worlds with huge pages. */

const NOTHING = 0;
const DESTROYED = 1;
const FAILED = 2;

/** An operation on a range of a file begins: nothing is destroyed yet. */
export function rememberOperation(k: KernelState): void {
  if (k.shape.huge) k.ghost.has_destroyed.store(k.memory.actor, NOTHING);
}

/** The running actor takes a leaf from the guest, or a page out of the filemap. */
export function rememberDestruction(k: KernelState): void {
  if (!k.shape.huge) return;
  if (k.ghost.has_destroyed.load(k.memory.actor) === FAILED) k.ghost.failed_halfway.store(0, 1);
  else k.ghost.has_destroyed.store(k.memory.actor, DESTROYED);
}

/** It has no memory to split a leaf: it fails, and is to leave all as it was. */
export function rememberFailure(k: KernelState): void {
  if (k.ghost.has_destroyed.load(k.memory.actor) === DESTROYED) k.ghost.failed_halfway.store(0, 1);
  k.ghost.has_destroyed.store(k.memory.actor, FAILED);
}

/** It is over. If it has punched a hole the hole must be empty by now. */
export function judgeOperation(
  k: KernelState,
  inode: Inode,
  hole: { readonly start: number; readonly end: number } | undefined,
): void {
  if (!k.shape.huge) return;
  rememberOperation(k);
  forgetCounts(inode);
  if (!hole) return;
  for (let i = hole.start; i < Math.min(hole.end, k.shape.pages); i++)
    if (inode.i_pages.load(i) !== NONE) k.ghost.kept_in_hole.store(0, 1);
}
