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
 * @param also what else is to be done then, for ghosts
 */
export function* list_for_each_gmem(k: Kernel, inode: Inode, also: () => void = () => {}) {
  const files = filesOf(k, inode);
  const found = yield* step('list_for_each_entry(gmem, gmem_list)', () => {
    also();
    return listed(k, files);
  });
  return found === NONE ? [] : among(k, files, found);
}

/** The loop as it is written since 6.19. */
export function* kvm_gmem_for_each_file(k: Kernel, inode: Inode) {
  const files = filesOf(k, inode);
  const found = yield* step('kvm_gmem_for_each_file(f, inode)', () => listed(k, files), {
    sort: files.length > 1 ? 'files' : 'file',
  });
  return found === NONE ? [] : among(k, files, found);
}

/** Which of them are on the list: the number of the only one, of several a bit mask. */
function listed(k: Kernel, files: readonly GmemFile[]): number {
  const numbers = files.filter((file) => file.listed).map((file) => k.files.indexOf(file));
  if (files.length > 1) return numbers.reduce((mask, n) => mask | (1 << n), 0);
  return numbers[0] ?? NONE;
}

function among(k: Kernel, files: readonly GmemFile[], found: number): readonly GmemFile[] {
  if (files.length === 1) return files;
  return files.filter((file) => (found >> k.files.indexOf(file)) & 1);
}

/** What labels call a file: one of several has a number. */
export const gmemName = (k: Kernel, file: GmemFile): string =>
  isLinked(k.shape.vms) ? `gmem${k.files.indexOf(file)}` : 'gmem';
