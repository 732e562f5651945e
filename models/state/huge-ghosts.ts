import type { KernelState } from '../kernel.js';
import { forgetCounts, forgetZaps, type Conversion } from './conversions.js';
import { NONE } from './shape.js';
import type { GmemFile, Inode } from './structs.js';
import { file_inode } from './vms.js';

/** Ghosts of S11 and S12, in worlds with huge pages. */

const NOTHING = 0;
const DESTROYED = 1;
const FAILED = 2;

/** An operation on a range of a file begins: nothing is destroyed yet. */
export function rememberOperation(k: KernelState, inode: Inode): void {
  if (!k.shape.huge) return;
  k.ghost.has_destroyed.store(k.memory.actor, NOTHING);
  forgetZaps(inode);
}

/** Part of a file is zapped: by a hole, a conversion, a close, or a failure of memory. */
export function rememberZap(k: KernelState, file: GmemFile, start: number, end: number): void {
  const { zapped } = file_inode(k, file);
  for (let i = start; i < Math.min(end, zapped.length); i++) zapped.store(i, 1);
}

/** A conversion has succeeded: what it changed has been zapped, and nothing that it was not asked. */
export function judgeRange(k: KernelState, inode: Inode, { start, end }: Conversion): void {
  const { attributes, attributes_before: before, zapped } = inode;
  for (let i = 0; i < zapped.length; i++) {
    const isZapped = zapped.load(i) === 1;
    const isChanged = attributes.load(i) !== before.load(i);
    const isAsked = start <= i && i < end;
    if ((isZapped && !isAsked) || (isChanged && !isZapped)) k.ghost.ranges_differ.store(0, 1);
  }
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
  rememberOperation(k, inode);
  forgetCounts(inode);
  if (!hole) return;
  for (let i = hole.start; i < Math.min(hole.end, k.shape.pages); i++)
    if (inode.i_pages.load(i) !== NONE) k.ghost.ranges_differ.store(0, 1);
}
