import { step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { NONE } from '../state/shape.js';
import type { GmemFile, Inode } from '../state/structs.js';
import { filesOf, isLinked } from '../state/vms.js';

/**
 * The walk over an inode's gmem files that every loop over them makes. The list
 * changes under the invalidate_lock, which the caller holds one way or the other,
 * so what one walk finds the next one finds, and the walk is one step. Upstream an
 * inode has one file; KVM_LINK_GUEST_MEMFD (RFC, 2023-08-07 and 2025-05-16) gives
 * it more, each of another VM.
 */
export function* for_each_gmem(
  k: Kernel,
  inode: Inode,
  { label = 'list_for_each_entry(gmem, gmem_list)', sort, also }: Walk = {},
) {
  if (isLinked(k.shape.vms)) {
    const listed = yield* step('list_for_each_entry(gmem, gmem_list)', () => {
      also?.();
      return maskOf(k, inode);
    });
    return filesOf(k, inode).filter((file) => (listed >> k.files.indexOf(file)) & 1);
  }
  const only = k.inodes.indexOf(inode);
  const file = yield* step(
    label,
    () => {
      also?.();
      return k.files[only]!.listed ? only : NONE;
    },
    sort ? { sort } : {},
  );
  return file === NONE ? [] : [k.files[file]!];
}

interface Walk {
  /** How this version writes the loop. */
  readonly label?: string;
  readonly sort?: string;
  readonly also?: () => void;
}

/** Bit mask of the inode's files that are on its list. */
function maskOf(k: Kernel, inode: Inode): number {
  let mask = 0;
  for (const file of filesOf(k, inode)) if (file.listed) mask |= 1 << k.files.indexOf(file);
  return mask;
}

/** What a walk without the lock, or the label of a step, calls a file: one of several has a number. */
export const gmemName = (k: Kernel, file: GmemFile): string =>
  isLinked(k.shape.vms) ? `gmem${k.files.indexOf(file)}` : 'gmem';
