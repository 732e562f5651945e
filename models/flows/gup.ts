import { again, step, test } from '../../src/core/index.js';
import { EFAULT } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { NONE } from '../state/shape.js';
import { FOLIO_REF, type Folio, type Inode } from '../state/structs.js';
import { lookup } from './filemap.js';
import { folioRef, mmap_read_lock, mmap_read_unlock } from './locks.js';
import { VM_FAULT_OOM, VM_FAULT_SIGBUS } from './vm_fault.js';

const gup = from('mm/gup.c', '6.12.117');
const mincore = from('mm/mincore.c', '6.12');

const reference = (k: Kernel) => ({
  sort: 'folio',
  acquires: (f: number) => (f === NONE ? [] : [folioRef(k.folios[f]!)]),
});

/**
 * pin_user_pages_fast() of one page of the VMM's mapping, some use of it, and
 * unpin_user_page(). A pin counts as one reference here.
 */
export const pin_user_pages_fast = gup(function* pin_user_pages_fast(
  k: Kernel,
  inode: Inode,
  index: number,
) {
  const fast = yield* gup_fast(k, inode, index);
  const number = fast === NONE ? yield* k.gup_slow(inode, index) : fast;
  if (number < 0) return number;
  const folio = k.folios[number]!;
  yield* step('unpin_user_page(): before it is dropped', () => pin(folio, -1));
  yield* k.folio_put(folio);
  return 0;
});

/**
 * Without locks: takes a reference to what the PTE says, then looks whether it
 * still says so. Between the two the reference is speculative.
 */
function* gup_fast(k: Kernel, inode: Inode, index: number) {
  const number = yield* step(
    'gup_fast_pte_range(): try_grab_folio_fast()',
    () => grab(k, inode.host_ptes.load(index)),
    reference(k),
  );
  if (number === NONE) return NONE;
  const folio = k.folios[number]!;
  const isSame = yield* test('pte_val(pte) == pte_val(ptep_get(ptep))', () => {
    const same = inode.host_ptes.load(index) === number;
    if (same) pin(folio, 1);
    return same;
  });
  if (isSame) return number;
  yield* k.folio_put(folio);
  return NONE;
}

/** mmap_lock, and under the page-table lock the PTE is what it is. */
export const gup_slow = gup(
  function* __get_user_pages(k: Kernel, inode: Inode, index: number) {
    yield* mmap_read_lock(k);
    const number = yield* step(
      'follow_page_pte(): try_grab_folio()',
      () => {
        const found = grab(k, inode.host_ptes.load(index));
        if (found !== NONE) pin(k.folios[found]!, 1);
        return found;
      },
      reference(k),
    );
    const fault = number === NONE ? yield* k.do_fault(inode, index) : 0;
    yield* mmap_read_unlock(k);
    if (number !== NONE) return number;
    return fault === VM_FAULT_SIGBUS || fault === VM_FAULT_OOM ? -EFAULT : yield* again();
  },
  [FOLIO_REF],
);

function grab(k: Kernel, number: number): number {
  if (number !== NONE) k.folios[number]!.refcount.get();
  return number;
}

function pin(folio: Folio, change: number): void {
  folio.pincount.store(0, folio.pincount.load(0) + change);
}

/**
 * mincore() of one page of the VMM's mapping: where there is no PTE it looks
 * into the page cache, with a reference of its own, whosever the page is.
 */
export const do_mincore = mincore(function* do_mincore(k: Kernel, inode: Inode, index: number) {
  yield* mmap_read_lock(k);
  let present = yield* test('mincore_pte_range(): pte_present()', () =>
    inode.host_ptes.load(index) !== NONE);
  if (!present) {
    const number = yield* step(
      'folio = filemap_get_incore_folio(mapping, index)',
      () => lookup(k, inode, index),
      reference(k),
    );
    if (number !== NONE) {
      present = yield* test('folio_test_uptodate(folio)', () => k.folios[number]!.uptodate);
      yield* k.folio_put(k.folios[number]!);
    }
  }
  yield* mmap_read_unlock(k);
  return [0, present ? 1 : 0] as const;
});
