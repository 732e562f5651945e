import { again, choose, test } from '../../src/core/index.js';
import { EAGAIN, ENOMEM } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { pagesIn } from '../state/folios.js';
import { NONE } from '../state/shape.js';
import type { Folio, Inode } from '../state/structs.js';
import { mapping_empty } from './filemap.js';
import { splitFolio } from './huge_folios.js';
import { folio_lock_mapped, folio_unlock } from './locks.js';
import { get_entry, truncate_inode_folio } from './truncate.js';
import * as small from './truncate.js';

const truncate = from('mm/truncate.c', '6.12.117');

/** A hole may begin and end inside a huge folio. */
export const truncate_inode_pages_range = truncate(function* truncate_inode_pages_range(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  if (!k.shape.huge) return yield* small.truncate_inode_pages_range(k, inode, start, end);
  if (yield* mapping_empty(inode)) return;
  yield* k.truncate_first_pass(inode, start, end);
  const same_folio = yield* k.truncate_partial(inode, start, start, end);
  if (!same_folio && end - 1 !== start && end <= k.shape.pages)
    yield* k.truncate_partial(inode, end - 1, start, end);
  yield* k.truncate_second_pass(inode, start, end, start);
});

/** @returns does the hole end in the folio that this index is of? */
export const truncate_partial = truncate(function* truncate_edge(
  k: Kernel,
  inode: Inode,
  index: number,
  start: number,
  end: number,
) {
  const found = yield* get_entry(k, inode, index, '__filemap_get_folio');
  if (found === NONE) return false;
  const folio = k.folios[found]!;
  const mapped = yield* folio_lock_mapped(folio, k.inodes.indexOf(inode), index);
  const same = mapped && (yield* test('same_folio', () => end <= folio.index + pagesIn(folio)));
  if (mapped) yield* truncate_inode_partial_folio(k, inode, folio, start, end);
  yield* folio_unlock(folio);
  yield* k.folio_put(folio);
  return mapped ? same : yield* again();
});

/**
 * The mapping is inaccessible, so that nothing is zeroed. A folio that cannot be split is
 * removed as a whole: there is no file on a disk to read it from again.
 */
function* truncate_inode_partial_folio(
  k: Kernel,
  inode: Inode,
  folio: Folio,
  start: number,
  end: number,
) {
  const isWhole = yield* test('length == folio_size(folio)', () => {
    return start <= folio.index && folio.index + pagesIn(folio) <= end;
  });
  if (!isWhole && (yield* split_folio(k, inode, folio)) === 0) return;
  yield* truncate_inode_folio(k, inode, folio, start);
}

/** Nobody but the filemap and the caller may refer to it, as a vCPU in a fault does. */
const split_folio = (k: Kernel, inode: Inode, folio: Folio) =>
  choose(
    'split_folio(folio)',
    [
      { name: '', cost: 0 },
      { name: '-ENOMEM', cost: 1 },
    ].slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      if (option === 1) return -ENOMEM;
      if (folio.refcount.count > 2) return -EAGAIN;
      splitFolio(k, inode, folio);
      return 0;
    },
  );
