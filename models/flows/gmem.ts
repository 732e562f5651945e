import { step, test } from '../../src/core/index.js';
import { EFAULT, EHWPOISON, EINVAL, EIO } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { offsetIn } from '../state/hva.js';
import { folio_unlock } from './locks.js';
import { ZERO } from '../state/shape.js';
import { file_inode } from '../state/vms.js';
import type { Folio, GmemFile, Inode, Kvm, Slot } from '../state/structs.js';

/** What every version of guest_memfd.c has, in one line each. */

const gmem = from('virt/kvm/guest_memfd.c', 'v6.8 (a7800aa80ea4)');

export const kvm_gmem_create = gmem(function* kvm_gmem_create(
  _k: Kernel,
  _kvm: Kvm,
  file: GmemFile,
  inode: Inode,
  size: number,
) {
  if (size <= 0) return -EINVAL;
  yield* step('fd_install(fd, file)', () => {
    inode.size = size;
    file.f_count.shared = 1;
    file.fd_open = true;
    file.listed = true;
  });
  return 0;
});

export const folio_test_uptodate = (folio: Folio) =>
  test('folio_test_uptodate(folio)', () => folio.uptodate);

export const clear_highpage = (folio: Folio) =>
  step('clear_highpage(folio)', () => {
    folio.content = ZERO;
  });

/** A look at the page's flag, in worlds where it can be set. */
export function* folio_test_hwpoison(k: Kernel, folio: Folio) {
  if (!k.shape.hwpoison) return false;
  return yield* test('folio_test_hwpoison(folio)', () => folio.hwpoison.load(0) !== 0);
}

export const folio_mark_uptodate = (folio: Folio) =>
  step('folio_mark_uptodate(folio)', () => {
    folio.uptodate = true;
  });

export function indexOf(k: Kernel, slot: Slot, gfn: number): number {
  return offsetIn(k, slot, gfn) + slot.gmem_pgoff;
}

/** The look-up of a gfn's binding: does the file still know the slot? */
export const bindings_load = (k: Kernel, file: number, index: number) =>
  step('xa_load(&gmem->bindings, index)', () => k.files[file]!.bindings.load(index), {
    sort: 'slot',
  });

/**
 * What __kvm_gmem_get_pfn() does in every version: is the file still the slot's,
 * now that it cannot go away; does the file still know the slot; then the folio,
 * which must not be poisoned.
 * @returns the folio, locked and referenced, or a negative errno
 */
export function* bound_folio(
  k: Kernel,
  file: GmemFile,
  slot: Slot,
  index: number,
  prepare: boolean,
) {
  const number = k.files.indexOf(file);
  if (!(yield* test('file == slot->gmem.file', () => slot.gmem_file === number))) return -EFAULT;
  if ((yield* bindings_load(k, number, index)) !== k.slots.indexOf(slot)) return -EIO;
  const folio = yield* k.kvm_gmem_get_folio(file_inode(k, file), index, prepare);
  if (folio < 0 || !(yield* folio_test_hwpoison(k, k.folios[folio]!))) return folio;
  yield* folio_unlock(k.folios[folio]!);
  yield* k.folio_put(k.folios[folio]!);
  return -EHWPOISON;
}
