import { again, choose, EngineError, step, test } from '../../src/core/index.js';
import { EEXIST, ENOMEM } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { rememberDestruction } from '../state/huge-ghosts.js';
import { NONE, STALE } from '../state/shape.js';
import { folioOf, pagesIn } from '../state/folios.js';
import { FOLIO_LOCK, FOLIO_REF, type Folio, type Inode } from '../state/structs.js';
import { dropFolio, folioRef, folio_lock_mapped, folio_unlock } from './locks.js';
import { rememberLateFolio } from './provenance.js';

const filemap = from('mm/filemap.c', '6.12.117');
const swap = from('mm/swap.c', '6.12.117');

/** Finds the folio at index or creates it; returns it locked and referenced. */
export const filemap_grab_folio = filemap(
  function* filemap_grab_folio(k: Kernel, inode: Inode, index: number) {
    const found = yield* find_and_lock(k, inode, index);
    if (found === TRUNCATED) return yield* again();
    if (found !== NONE) return found;
    const added = yield* filemap_add_folio(k, inode, index);
    if (added === -EEXIST) return yield* again();
    return added;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** Finds the folio at index, or NONE; returns it locked and referenced. */
export const filemap_lock_folio = filemap(
  function* filemap_lock_folio(k: Kernel, inode: Inode, index: number) {
    const found = yield* find_and_lock(k, inode, index);
    return found === TRUNCATED ? yield* again() : found;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** FGP_CREAT_ONLY, as posted on 2024-02-27: -EEXIST where there is a folio, which is not locked for it. */
export const filemap_create_folio = from(
  'mm/filemap.c',
  '"filemap: add FGP_CREAT_ONLY" (2024-02-27)',
)(
  function* filemap_create_folio(k: Kernel, inode: Inode, index: number) {
    const found = yield* filemap_get_entry(k, inode, index);
    if (found !== NONE) {
      yield* k.folio_put(k.folios[found]!);
      return -EEXIST;
    }
    const added = yield* filemap_add_folio(k, inode, index);
    return added === -EEXIST ? yield* again() : added;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** The folio was found, and taken out before it could be locked. */
const TRUNCATED = -2;

const filemap_get_entry = (k: Kernel, inode: Inode, index: number) =>
  step('folio = filemap_get_entry(mapping, index)', () => lookup(k, inode, index), {
    sort: 'folio',
    acquires: (f) => (f === NONE ? [] : [folioRef(k.folios[f]!)]),
  });

function* find_and_lock(k: Kernel, inode: Inode, index: number) {
  const found = yield* filemap_get_entry(k, inode, index);
  if (found === NONE) return NONE;
  const folio = k.folios[found]!;
  if (yield* folio_lock_mapped(folio, k.inodes.indexOf(inode), index)) return found;
  yield* folio_unlock(folio);
  yield* k.folio_put(folio);
  return TRUNCATED;
}

/**
 * Allocation and insertion as one step: until it is inserted, under xa_lock, a
 * new folio is known to its allocator alone. It is born locked.
 */
const filemap_add_folio = (k: Kernel, inode: Inode, index: number) =>
  choose(
    'folio = filemap_alloc_folio(); filemap_add_folio()',
    [
      { name: '', cost: 0 },
      { name: '-ENOMEM', cost: 1 },
    ].slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      if (option === 1) return -ENOMEM;
      if (inode.i_pages.load(index) !== NONE) return -EEXIST;
      const folio = allocate(k, inode, index);
      insert(k, inode, index, folio);
      return folio;
    },
    {
      sort: 'folio',
      acquires: (f) =>
        f < 0 ? [] : [folioRef(k.folios[f]!), k.folios[f]!.lock.resource('exclusive')],
    },
  );

/** xas_load() and folio_try_get(): a folio in the filemap has a reference. */
export function lookup(k: Kernel, inode: Inode, index: number): number {
  const frame = inode.i_pages.load(index);
  if (frame === NONE) return NONE;
  const folio = folioOf(k, frame);
  k.folios[folio]!.refcount.get();
  return folio;
}

/**
 * The allocator may hand out any free frame. Free frames that no SPTE and no
 * RMP entry still names are all alike (S9, which is checked in every state), so
 * which one is chosen is a renaming: each page has a frame of its own, and
 * spare ones for while that is in use. Two faults on two pages then do not
 * race for frames. A test that does not check S9 gets the lowest free frame,
 * whoever had it before.
 */
export function allocate(k: Kernel, inode: Inode, index: number): number {
  const own = k.inodes.indexOf(inode) * k.shape.pages + index;
  const isFree = (n: number): boolean =>
    k.folios[folioOf(k, n)]!.refcount.isZero && !isPoisoned(k.folios[n]!) && suits(k, n, index);
  if (!k.shape.reuse && isFree(own)) return own;
  const spare = k.shape.reuse ? 0 : k.shape.files * k.shape.pages;
  for (let i = 0; i < k.shape.folios; i++) {
    const number = (spare + i) % k.shape.folios;
    if (isFree(number)) return number;
  }
  throw new EngineError(`folios=${k.shape.folios} page frames are too few for this test`);
}

/** A small page that takes a huge one's place is where it was in that. */
const suits = ({ shape }: Kernel, n: number, index: number): boolean =>
  !shape.huge || n % shape.huge.folio === index % shape.huge.folio;

/** check_new_page() keeps poisoned pages from being handed out. */
const isPoisoned = (folio: Folio): boolean =>
  folio.hwpoison.length > 0 && folio.hwpoison.load(0) !== 0;

export function insert(k: Kernel, inode: Inode, index: number, number: number): void {
  const folio = k.folios[number]!;
  folio.lock.owner = k.memory.actor;
  folio.mapping = k.inodes.indexOf(inode);
  folio.index = index;
  folio.refcount.shared = 1;
  folio.refcount.get();
  folio.uptodate = false;
  folio.content = STALE;
  if (k.shape.lruBatch) {
    // folio_add_lru(): the batch of this CPU has a reference until it is drained.
    folio.lru_cached.store(0, 1);
    folio.refcount.shared++;
  }
  inode.i_pages.store(index, number);
  rememberLateFolio(k, number, index);
}

/** Deletes a locked folio from the filemap, tells the file system, drops a reference. */
export const filemap_remove_folio = filemap(function* filemap_remove_folio(
  k: Kernel,
  inode: Inode,
  folio: Folio,
) {
  yield* step('__filemap_remove_folio(folio)', () => forget(k, inode, folio));
  yield* k.free_folio(folio);
  yield* step('filemap_free_folio(): drop its reference', () =>
    dropFolio(k, folio, () => folio.refcount.putShared()),
  );
});

/**
 * page_cache_delete(): under xa_lock, with the folio lock held. It leaves folio->index as it
 * was, which nobody reads behind that, but for who has locked a folio that is not locked here.
 */
export function forget(k: Kernel, inode: Inode, folio: Folio): void {
  rememberDestruction(k);
  for (let i = 0; i < pagesIn(folio); i++) inode.i_pages.store(folio.index + i, NONE);
  folio.mapping = NONE;
  const isOthers = k.shape.huge && folio.lock.isLocked && !folio.lock.heldByMe;
  if (!isOthers) folio.index = NONE;
  if (!k.shape.provenance) return;
  k.ghost.added_late.store(k.folios.indexOf(folio), 0);
  k.ghost.left_in_hole.store(k.folios.indexOf(folio), 0);
}

export const folio_put = swap(
  function* folio_put(k: Kernel, folio: Folio) {
    yield* step('folio_put(folio)', () => dropFolio(k, folio), { releases: [folioRef(folio)] });
  },
  [FOLIO_REF],
);

/** Looks whether the page cache of an inode holds anything at all. */
export const mapping_empty = (inode: Inode) =>
  test('mapping_empty(mapping)', () => {
    for (let i = 0; i < inode.i_pages.length; i++) if (inode.i_pages.load(i) !== NONE) return false;
    return true;
  });
