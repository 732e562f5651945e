import { again, step } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { folioOf, pagesIn } from '../state/folios.js';
import { NONE } from '../state/shape.js';
import type { Folio, Inode } from '../state/structs.js';
import { forget, lookup, mapping_empty } from './filemap.js';
import { dropFolio, folioRef, folio_lock_mapped, folio_unlock } from './locks.js';

const truncate = from('mm/truncate.c', '6.12.117');

/**
 * Removes the folios of [start, end). Not one step a page: a first pass over
 * what can be locked at once, a look at the first and the last page, then a
 * pass that waits for each folio and may have to start over. The range may
 * reach beyond the file, where nothing is found: then the file's last page is
 * not looked at as the last page of the hole, and the second pass starts over.
 */
export const truncate_inode_pages_range = truncate(function* truncate_inode_pages_range(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  if (yield* mapping_empty(inode)) return;
  yield* k.truncate_first_pass(inode, start, end);
  if (start < k.shape.pages) yield* k.truncate_edge(inode, start);
  if (end - 1 !== start && end <= k.shape.pages) yield* k.truncate_edge(inode, end - 1);
  yield* k.truncate_second_pass(inode, start, end, start);
});

/** Locks what it can without waiting; takes all of that out in one go. */
export const truncate_first_pass = truncate(function* truncate_first_pass(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  const batch: Folio[] = [];
  const indices: number[] = [];
  let next = start;
  for (let index = start; index < Math.min(end, k.shape.pages); index++) {
    const found = yield* find_lock_entry(k, inode, index, start, end);
    if (found === NONE) continue;
    batch.push(k.folios[found]!);
    indices.push(index);
    next = index + 1;
  }
  if (batch.length === 0) return;
  if (k.shape.mmap)
    for (const [i, folio] of batch.entries())
      yield* k.truncate_cleanup_folio(inode, folio, indices[i]!);
  yield* step('delete_from_page_cache_batch(mapping, &fbatch)', () =>
    batch.forEach((folio) => forget(k, inode, folio)),
  );
  // The lookup's reference is still held, so dropping the filemap's cannot
  // free the folio and nobody can tell it from the unlock.
  for (const folio of batch) yield* k.free_folio(folio);
  for (const folio of batch) yield* folio_unlock(folio, () => dropFolio(k, folio));
  for (const folio of batch) yield* k.folio_put(folio);
  if (next < end) yield* again(inode, next, end);
});

/** find_lock_entries() at one index: try to get the folio, then to lock it. */
const find_lock_entry = (k: Kernel, inode: Inode, index: number, start: number, end: number) =>
  step(
    `find_lock_entries(): folio_trylock([${index}])`,
    () => {
      const frame = inode.i_pages.load(index);
      if (frame === NONE) return NONE;
      const folio = k.folios[folioOf(k, frame)]!;
      if (folio.lock.isLocked || !isWithin(folio, start, end)) return NONE;
      folio.lock.owner = k.memory.actor;
      return lookup(k, inode, index);
    },
    {
      sort: 'folio',
      acquires: (f) =>
        f === NONE ? [] : [folioRef(k.folios[f]!), k.folios[f]!.lock.resource('exclusive')],
    },
  );

/** A huge folio that reaches beyond the range is none of this pass. */
const isWithin = (folio: Folio, start: number, end: number): boolean =>
  pagesIn(folio) === 1 || (start <= folio.index && folio.index + pagesIn(folio) <= end);

/** The step for a partial page, which is taken for whole pages as well. */
export const truncate_edge = truncate(function* truncate_edge(
  k: Kernel,
  inode: Inode,
  index: number,
) {
  const found = yield* get_entry(k, inode, index, '__filemap_get_folio');
  if (found === NONE) return;
  const folio = k.folios[found]!;
  const mapped = yield* folio_lock_mapped(folio, k.inodes.indexOf(inode), index);
  if (mapped) yield* truncate_inode_folio(k, inode, folio, index);
  yield* folio_unlock(folio);
  yield* k.folio_put(folio);
  if (!mapped) yield* again();
});

/** Folio locked. Where the host has a mapping, that goes first. */
export function* truncate_inode_folio(k: Kernel, inode: Inode, folio: Folio, index: number) {
  if (k.shape.mmap) yield* k.truncate_cleanup_folio(inode, folio, index);
  yield* k.filemap_remove_folio(inode, folio);
}

/**
 * Waits for each folio it finds. Starts over when a look finds nothing behind
 * ones it removed; does not when the last folio it removed was the last page.
 */
export const truncate_second_pass = truncate(function* truncate_second_pass(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  from: number,
) {
  const found: { folio: Folio; index: number }[] = [];
  for (let index = from; index < Math.min(end, k.shape.pages); index++) {
    const number = yield* get_entry(k, inode, index, 'find_get_entries');
    if (number !== NONE) found.push({ folio: k.folios[number]!, index });
  }
  if (found.length === 0)
    return from === start ? undefined : yield* again(inode, start, end, start);
  for (const { folio, index } of found) {
    if (yield* folio_lock_mapped(folio, k.inodes.indexOf(inode), index))
      yield* truncate_inode_folio(k, inode, folio, index);
    yield* folio_unlock(folio);
  }
  for (const { folio } of found) yield* k.folio_put(folio);
  const next = found.at(-1)!.index + 1;
  return next < end ? yield* again(inode, start, end, next) : undefined;
});

export const get_entry = (k: Kernel, inode: Inode, index: number, caller: string) =>
  step(`${caller}([${index}])`, () => lookup(k, inode, index), {
    sort: 'folio',
    acquires: (f) => (f === NONE ? [] : [folioRef(k.folios[f]!)]),
  });
