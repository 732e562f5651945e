import { lock, step, test, unlock } from '../../src/core/index.js';
import { EBUSY, EHWPOISON, ENXIO } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { folioOf } from '../state/folios.js';
import { NONE } from '../state/shape.js';
import { HANDLED, POISONED, type Folio, type Inode } from '../state/structs.js';
import { list_for_each_gmem } from './gmem_files.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
  folio_lock,
  folio_unlock,
} from './locks.js';

const mm = from('mm/memory-failure.c', '6.12.117');
const gmem = from('virt/kvm/guest_memfd.c', 'v6.8 (a7800aa80ea4); 6.12.117');

/** Results of handlers, of include/linux/mm.h. */
const MF_IGNORED = 0;
const MF_FAILED = 1;
export const MF_DELAYED = 2;
const MF_RECOVERED = 3;

/**
 * An uncorrectable error in the page that is now at an index. The reference that
 * is taken is never dropped: what is poisoned does not go back to the allocator.
 */
export const memory_failure = mm(function* memory_failure(k: Kernel, inode: Inode, index: number) {
  const number = yield* step(
    'p = pfn_to_online_page(pfn)',
    () => folioOf(k, inode.i_pages.load(index)),
    { sort: 'folio' },
  );
  if (number === NONE) return -ENXIO;
  const folio = k.folios[number]!;
  yield* lock('mutex_lock(&mf_mutex)', k.mf[0]!.mutex);
  const r = yield* poison(k, folio);
  yield* unlock('mutex_unlock(&mf_mutex)', k.mf[0]!.mutex);
  return r;
});

/**
 * The folio lock is taken twice, first for a filter of tests; once is the same.
 * A page that was freed meanwhile is taken off the allocator's list.
 */
function* poison(k: Kernel, folio: Folio) {
  if (yield* test('TestSetPageHWPoison(p)', () => testAndSet(folio))) return -EHWPOISON;
  const isFree = yield* test('get_hwpoison_page(p) == 0', () => {
    if (folio.refcount.isZero) return true;
    folio.refcount.shared += 1;
    return false;
  });
  if (isFree) return actionResult(MF_RECOVERED);
  yield* folio_lock(folio);
  const mapping = yield* step('folio->mapping', () => folio.mapping, { sort: 'file' });
  const r = mapping === NONE ? MF_IGNORED : yield* k.me_pagecache_clean(k.inodes[mapping]!, folio);
  yield* folio_unlock(folio);
  return actionResult(r);
}

function testAndSet(folio: Folio): boolean {
  const was = folio.hwpoison.load(0) !== 0;
  if (!was) folio.hwpoison.store(0, POISONED);
  return was;
}

/** action_result() */
const actionResult = (result: number): number =>
  result === MF_RECOVERED || result === MF_DELAYED ? 0 : -EBUSY;

/** Folio lock held. Whatever error_remove_folio() says but 0 has failed. */
export const me_pagecache_clean = mm(function* me_pagecache_clean(
  k: Kernel,
  inode: Inode,
  folio: Folio,
) {
  yield* k.kvm_gmem_error_folio(inode, folio);
  return MF_FAILED;
});

/**
 * What is delayed is no failure, and keeps its place in the filemap, whose
 * reference is not one too many.
 */
export const me_pagecache_clean_delayed = from(
  'mm/memory-failure.c',
  'Fix MF_DELAYED handling on memory failure, v6 (2026-09-17)',
)(function* me_pagecache_clean(k: Kernel, inode: Inode, folio: Folio) {
  const result = yield* k.kvm_gmem_error_folio(inode, folio);
  const extra = yield* test('has_extra_refcount(p)', () => usersOf(folio) > 0);
  return extra ? MF_FAILED : result;
});

/** References other than the filemap's and memory_failure()'s own. */
function usersOf(folio: Folio): number {
  const { $memory, $base } = folio.refcount;
  let users = folio.refcount.shared - 2;
  for (let a = 1; a <= $memory.actors; a++) users += $memory.load($base + a);
  return users;
}

/** Folio lock held by the caller. Nothing is truncated: what to do is for user space. */
export const kvm_gmem_error_folio = gmem(function* kvm_gmem_error_folio(
  k: Kernel,
  inode: Inode,
  folio: Folio,
) {
  yield* filemap_invalidate_lock_shared(inode);
  const start = yield* step('start = folio->index', () => folio.index);
  const files = yield* list_for_each_gmem(k, inode);
  for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, start, start + 1);
  for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, start + 1);
  yield* filemap_invalidate_unlock_shared(inode, () => folio.hwpoison.store(0, HANDLED));
  return MF_DELAYED;
});
