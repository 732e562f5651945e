import { again, lock, step, test, unlock } from '../../../src/core/index.js';
import { EINVAL, ENOENT } from '../../errno.js';
import { lookup } from '../../flows/filemap.js';
import { folioRef, folio_lock_mapped, folio_unlock } from '../../flows/locks.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { NONE, ZERO } from '../../state/shape.js';
import { FOLIO_LOCK, FOLIO_REF, type Folio, type Inode } from '../../state/structs.js';
import { FALLOC_FL_PUNCH_HOLE } from '../../uapi.js';
import { gfnBoundAt } from './memfd.js';

const shmem = from('mm/shmem.c', 'kvm/queue patches v3, 2021-12-21, 03/15');

const find = (k: Kernel, inode: Inode, index: number, label: string) =>
  step(label, () => lookup(k, inode, index), {
    sort: 'folio',
    acquires: (f) => (f === NONE ? [] : [folioRef(k.folios[f]!)]),
  });

/** shmem_getpage(SGP_NOALLOC): locked and referenced, zeroed if it was not yet. */
export const shmem_getpage = shmem(
  function* shmem_getpage(k: Kernel, inode: Inode, index: number) {
    const found = yield* find(k, inode, index, 'folio = find_lock_entry(mapping, index)');
    if (found === NONE) return -ENOENT;
    const folio = k.folios[found]!;
    if (!(yield* folio_lock_mapped(folio, k.inodes.indexOf(inode), index))) {
      yield* folio_unlock(folio);
      yield* k.folio_put(folio);
      return yield* again();
    }
    if (!(yield* test('folio_test_uptodate(folio)', () => folio.uptodate)))
      yield* step('clear_highpage(folio); folio_mark_uptodate(folio)', () => {
        folio.content = ZERO;
        folio.uptodate = true;
      });
    return found;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** The inode lock is held over either, the notification included. */
export const shmem_fallocate = shmem(function* shmem_fallocate(
  k: Kernel,
  inode: Inode,
  mode: number,
  offset: number,
  len: number,
) {
  yield* lock('inode_lock(inode)', inode.i_rwsem);
  const r = yield* k.shmem_fallocate_locked(inode, mode, offset, offset + len);
  yield* unlock('inode_unlock(inode)', inode.i_rwsem);
  return r;
});

/** A hole, or pages that KVM is then told to map. Never below KEEP_SIZE here. */
export const shmem_fallocate_locked = shmem(function* shmem_fallocate(
  k: Kernel,
  inode: Inode,
  mode: number,
  offset: number,
  end: number,
) {
  if (mode & FALLOC_FL_PUNCH_HOLE) {
    yield* k.shmem_undo_range(inode, offset, Math.min(end, k.shape.pages));
    return 0;
  }
  const size = yield* step('i_size_read(inode)', () => inode.size);
  if (end > size) return -EINVAL;
  for (let index = offset; index < end; index++) {
    const folio = yield* k.filemap_grab_folio(inode, index);
    if (folio < 0) return folio;
    yield* folio_unlock(k.folios[folio]!);
    yield* k.folio_put(k.folios[folio]!);
  }
  const file = k.files[k.inodes.indexOf(inode)]!;
  for (let index = offset; index < end; index++) {
    const gfn = yield* step(`notify_fallocate([${index}])`, () => gfnBoundAt(k, file, index));
    if (gfn !== NONE) yield* k.kvm_map_gfn_range(k.kvm, gfn);
  }
  return 0;
});

/** Both passes notify and truncate page by page, each under its folio lock. */
export const shmem_undo_range = shmem(function* shmem_undo_range(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  for (let index = start; index < end; index++) {
    const found = yield* trylock(k, inode, index);
    if (found === NONE) continue;
    const folio = k.folios[found]!;
    yield* k.shmem_undo_page(inode, folio, index);
    yield* folio_unlock(folio);
    yield* k.folio_put(folio);
  }
  yield* k.shmem_undo_rest(inode, start, end, start);
});

const trylock = (k: Kernel, inode: Inode, index: number) =>
  step(
    `find_lock_entries(): trylock([${index}])`,
    () => {
      const folio = inode.i_pages.load(index);
      if (folio === NONE || k.folios[folio]!.lock.isLocked) return NONE;
      k.folios[folio]!.lock.owner = k.memory.actor;
      return lookup(k, inode, index);
    },
    {
      sort: 'folio',
      acquires: (f) =>
        f === NONE ? [] : [folioRef(k.folios[f]!), k.folios[f]!.lock.resource('exclusive')],
    },
  );

export const shmem_undo_page = shmem(function* shmem_undo_page(
  k: Kernel,
  inode: Inode,
  folio: Folio,
  index: number,
) {
  yield* k.kvm_memfd_invalidate_range(k.files[k.inodes.indexOf(inode)]!, index);
  yield* k.filemap_remove_folio(inode, folio);
});

export const shmem_undo_rest = shmem(function* shmem_undo_rest(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  from: number,
) {
  const found: { folio: Folio; index: number }[] = [];
  for (let index = from; index < end; index++) {
    const number = yield* find(k, inode, index, `find_get_entries([${index}])`);
    if (number !== NONE) found.push({ folio: k.folios[number]!, index });
  }
  // A hole, unlike a truncation, is not looked at a second time.
  if (found.length === 0) return undefined;
  for (const { folio, index } of found) {
    if (yield* folio_lock_mapped(folio, k.inodes.indexOf(inode), index))
      yield* k.shmem_undo_page(inode, folio, index);
    yield* folio_unlock(folio);
  }
  for (const { folio } of found) yield* k.folio_put(folio);
  const next = found.at(-1)!.index + 1;
  return next < end ? yield* again(inode, start, end, next) : undefined;
});
