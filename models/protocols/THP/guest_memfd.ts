import { choose, step, test } from '../../../src/core/index.js';
import { EEXIST, EINTR, EINVAL } from '../../errno.js';
import { list_for_each_gmem } from '../../flows/gmem_files.js';
import { bound_folio, folio_mark_uptodate } from '../../flows/gmem.js';
import { getPfnLocked } from '../../flows/gmem_get_pfn.js';
import { freeFrames, insertHuge, roundDown } from '../../flows/huge_folios.js';
import {
  filemap_invalidate_lock,
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock,
  filemap_invalidate_unlock_shared,
  folioRef,
  folio_unlock,
} from '../../flows/locks.js';
import { kvm_mem_is_private } from '../../flows/mmu.js';
import { judgeHole, rememberHole } from '../../flows/provenance.js';
import { signal_pending } from '../../flows/signals.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { folio_file_pfn, pagesIn } from '../../state/folios.js';
import { NONE, STALE, ZERO } from '../../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
} from '../../state/structs.js';
import { file_inode } from '../../state/vms.js';

export const gmem = from(
  'virt/kvm/guest_memfd.c',
  'KVM: gmem: 2MB THP support and preparedness tracking changes, RFC v1 (2024-12)',
);

/** All of 2M where nothing of it is there yet, and else, or without the memory, a small page. */
export const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, _prepare: boolean) {
    const huge = k.shape.huge ? yield* kvm_gmem_get_huge_folio(k, inode, index) : NONE;
    return huge === NONE ? yield* k.filemap_grab_folio(inode, index) : huge;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** Looking for pages and adding the folio are one step: who comes in between makes both fail. */
const kvm_gmem_get_huge_folio = (k: Kernel, inode: Inode, index: number) =>
  choose(
    'kvm_gmem_get_huge_folio()',
    [
      { name: '', cost: 0 },
      { name: 'no memory', cost: 1 },
    ].slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      const start = roundDown(k, index);
      const { leaf } = k.shape.huge!;
      if (option === 1 || start + leaf > inode.size) return NONE;
      for (let i = start; i < start + leaf; i++) if (inode.i_pages.load(i) !== NONE) return NONE;
      const first = freeFrames(k, inode, start);
      insertHuge(k, inode, first, start);
      for (let i = 0; i < leaf; i++) k.folios[first + i]!.content = STALE;
      k.folios[first]!.lock.owner = k.memory.actor;
      k.folios[first]!.refcount.get();
      return first;
    },
    {
      sort: 'folio',
      acquires: (f) =>
        f < 0 ? [] : [folioRef(k.folios[f]!), k.folios[f]!.lock.resource('exclusive')],
    },
  );

/** @returns the folio, and max_order: 1 where the slot and the folio have all of the 2M */
export const __kvm_gmem_get_pfn = gmem(
  function* __kvm_gmem_get_pfn(
    k: Kernel,
    file: GmemFile,
    slot: Slot,
    index: number,
    _prepare: boolean,
  ) {
    const folio = yield* bound_folio(k, file, slot, index, false);
    if (folio < 0 || !k.shape.huge) return [folio, 0] as const;
    const order = yield* step('max_order = min(max_order, folio_order(folio))', () =>
      pagesIn(k.folios[folio]!) > 1 && isInSlot(k, slot, index) ? 1 : 0,
    );
    return [folio, order] as const;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

function isInSlot(k: Kernel, { gmem_pgoff, npages }: Slot, index: number): boolean {
  const start = roundDown(k, index);
  return gmem_pgoff <= start && start + k.shape.huge!.leaf <= gmem_pgoff + npages;
}

/** The invalidate_lock from the look-up to behind the preparation, which is of max_order. */
export const kvm_gmem_get_pfn = gmem(
  getPfnLocked(function* prepared(k, { kvm, inode, slot, index, folio, beside: order }) {
    if (yield* kvm_gmem_is_prepared(k, inode, index, folio, order)) return 0;
    return yield* k.kvm_gmem_prepare_folio(kvm, inode, slot, index, folio, order);
  }),
  [FOLIO_REF],
);

/** The bits of an inode; where folios are small, uptodate is as good. */
const kvm_gmem_is_prepared = (
  k: Kernel,
  inode: Inode,
  index: number,
  folio: Folio,
  order: number,
) =>
  test('kvm_gmem_is_prepared()', () =>
    k.shape.huge
      ? indicesAt(k, index, order).every((i) => inode.prepared.load(i) === 1)
      : folio.uptodate);

/** The pages of 2M that an index lies in, or it alone. */
const indicesAt = (k: Kernel, index: number, order: number): number[] =>
  order === 0
    ? [index]
    : Array.from({ length: k.shape.huge!.leaf }, (_, i) => roundDown(k, index) + i);

/** What of it is prepared already is not cleared. */
export const kvm_gmem_prepare_folio = gmem(function* kvm_gmem_prepare_folio(
  k: Kernel,
  kvm: Kvm,
  inode: Inode,
  slot: Slot,
  index: number,
  folio: Folio,
  order: number = 0,
) {
  const indices = indicesAt(k, index, order);
  const frameOf = (i: number): Folio =>
    k.folios[folio_file_pfn(k.shape, k.folios.indexOf(folio), i)]!;
  yield* step('clear_highpage() of what is not prepared', () => {
    for (const i of indices)
      if (!k.shape.huge || inode.prepared.load(i) === 0) frameOf(i).content = ZERO;
  });
  const gfn = yield* step(
    'gfn = slot->base_gfn + index - pgoff',
    () => slot.base_gfn + index - slot.gmem_pgoff,
  );
  const r = yield* k.kvm_arch_gmem_prepare(kvm, gfn, frameOf(index), order);
  if (r === 0) yield* mark_prepared(k, inode, folio, indices);
  return r;
});

function* mark_prepared(k: Kernel, inode: Inode, folio: Folio, indices: readonly number[]) {
  if (!k.shape.huge) return yield* folio_mark_uptodate(folio);
  yield* step('kvm_gmem_mark_prepared()', () => {
    for (const i of indices) inode.prepared.store(i, 1);
  });
}

/** The pages of the hole, and no others, count as not prepared. */
export const kvm_gmem_punch_hole = gmem(function* kvm_gmem_punch_hole(
  k: Kernel,
  inode: Inode,
  start: number,
  lend: number,
) {
  const end = Math.min(lend, k.shape.pages);
  yield* filemap_invalidate_lock(inode);
  const files = yield* list_for_each_gmem(k, inode, () =>
    rememberHole(k, Math.min(start, k.shape.pages), end),
  );
  for (const file of files) yield* k.kvm_gmem_invalidate_begin(file, start, end);
  yield* k.truncate_inode_pages_range(inode, start, end);
  if (k.shape.huge)
    yield* step('kvm_gmem_mark_range_unprepared()', () => {
      for (let i = start; i < end; i++) inode.prepared.store(i, 0);
    });
  for (const file of files) yield* k.kvm_gmem_invalidate_end(file, start, end);
  yield* filemap_invalidate_unlock(inode, () => judgeHole(k));
  return 0;
});

export const kvm_gmem_allocate = gmem(function* kvm_gmem_allocate(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  const size = yield* step('i_size_read(inode)', () => inode.size);
  if (end > size) return -EINVAL;
  yield* filemap_invalidate_lock_shared(inode);
  let r = 0;
  let index = start;
  while (index < end && r === 0) {
    if (yield* signal_pending(k)) r = -EINTR;
    else {
      const number = yield* k.kvm_gmem_get_folio(inode, index, true);
      const folio = k.folios[number];
      if (!folio) r = number;
      else {
        index = yield* step('folio_next_index(folio)', () => folio.index + pagesIn(folio));
        yield* folio_unlock(folio);
        yield* k.folio_put(folio);
      }
    }
  }
  yield* filemap_invalidate_unlock_shared(inode);
  return r;
});

/** Of small folios only; the loop is that of P3z, and asks for preparedness itself. */
export const kvm_gmem_populate_one = gmem(function* kvm_gmem_populate_one(
  k: Kernel,
  slot: Slot,
  file: GmemFile,
  index: number,
  gfn: number,
  value: number,
) {
  if (yield* signal_pending(k)) return -EINTR;
  const inode = file_inode(k, file);
  const [number, order] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
  const folio = k.folios[number];
  if (!folio) return number;
  const isPrepared = yield* kvm_gmem_is_prepared(k, inode, index, folio, order);
  yield* folio_unlock(folio);
  let r = -EEXIST;
  if (!isPrepared) {
    const isPrivate = yield* kvm_mem_is_private(k, file.kvm, gfn);
    r = isPrivate ? yield* k.post_populate(file.kvm, gfn, folio, value) : -EINVAL;
    if (r === 0) yield* mark_prepared(k, inode, folio, [index]);
  }
  yield* k.folio_put(folio);
  return r;
});
