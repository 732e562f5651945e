import { choose, EngineError, step, test } from '../../src/core/index.js';
import { EEXIST, ENOMEM } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { isPrivatePage } from '../state/attributes.js';
import { folioOf, framesOf, pagesIn } from '../state/folios.js';
import { NONE, STALE, ZERO } from '../state/shape.js';
import type { Folio, Inode } from '../state/structs.js';

/**
 * Pages of a guest_memfd of huge pages. One that has been allocated is one folio while all
 * of it is private, and a folio for each 4K page where some of it is shared.
 */
const gmem = from('virt/kvm/guest_memfd.c', '1G page support for guest_memfd, RFC v2 (2025-05-14)');

export const roundDown = ({ shape }: Kernel, index: number): number =>
  shape.huge ? index - (index % shape.huge.folio) : index;
export const roundUp = (k: Kernel, index: number): number =>
  k.shape.huge ? roundDown(k, index + k.shape.huge.folio - 1) : index;

/** One step: whoever stores holds the invalidate_lock. */
export const kvm_gmem_has_some_shared = (k: Kernel, inode: Inode, index: number) =>
  test('kvm_gmem_has_some_shared()', () => hasShared(k, inode, roundDown(k, index)));

function hasShared(k: Kernel, inode: Inode, start: number): boolean {
  for (let i = start; i < start + k.shape.huge!.folio; i++)
    if (!isPrivatePage(inode, i)) return true;
  return false;
}

/** The huge page around an index: new to all, and unlocked as soon as it is added. */
export const alloc_and_add = (k: Kernel, inode: Inode, index: number) =>
  choose(
    'folio = alloc_folio(); kvm_gmem_filemap_add_folio()',
    [
      { name: '', cost: 0 },
      { name: '-ENOMEM', cost: 1 },
    ].slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      if (option === 1) return -ENOMEM;
      const start = roundDown(k, index);
      const { folio: npages } = k.shape.huge!;
      for (let i = start; i < start + npages; i++)
        if (inode.i_pages.load(i) !== NONE) return -EEXIST;
      const first = freeFrames(k, inode, start);
      insertHuge(k, inode, first, start);
      for (let i = 0; i < npages; i++) k.folios[first + i]!.content = STALE;
      return first;
    },
    { sort: 'folio' },
  );

const isFree = ({ refcount, hwpoison }: Folio): boolean =>
  refcount.isZero && (hwpoison.length === 0 || hwpoison.load(0) === 0);

/** Each huge page has frames of its own, and spare ones for while those are in use. */
export function freeFrames(k: Kernel, inode: Inode, index: number): number {
  const { folio: npages } = k.shape.huge!;
  const candidates = [k.inodes.indexOf(inode) * k.shape.pages + index];
  for (let n = k.shape.files * k.shape.pages; n + npages <= k.shape.folios; n += npages)
    candidates.push(n);
  const free = candidates.find((first) => k.folios.slice(first, first + npages).every(isFree));
  if (free !== undefined) return free;
  throw new EngineError(`folios=${k.shape.folios} page frames are too few for this test`);
}

/** Puts a huge folio into the filemap, whose reference is the only one. */
export function insertHuge(k: Kernel, inode: Inode, first: number, index: number): void {
  const folio = k.folios[first]!;
  folio.nr_pages.store(0, k.shape.huge!.folio);
  folio.uptodate = false;
  own(k, inode, folio, index);
  for (const [i, frame] of framesOf(k, folio).entries()) inode.i_pages.store(index + i, frame);
}

function own(k: Kernel, inode: Inode, folio: Folio, index: number): void {
  folio.mapping = k.inodes.indexOf(inode);
  folio.index = index;
  folio.refcount.shared = 1;
}

/** A folio of each of its pages; only the filemap has references. */
export function splitFolio(k: Kernel, inode: Inode, folio: Folio): void {
  const frames = framesOf(k, folio);
  const { index, uptodate } = folio;
  folio.nr_pages.store(0, 1);
  for (const [i, frame] of frames.entries()) {
    own(k, inode, k.folios[frame]!, index + i);
    k.folios[frame]!.uptodate = uptodate;
  }
}

/** One folio of all the pages of a huge page; only the filemap has references. */
function mergeFolios(k: Kernel, first: number): void {
  const folio = k.folios[first]!;
  for (const tail of k.folios.slice(first + 1, first + k.shape.huge!.folio)) {
    folio.uptodate = folio.uptodate && tail.uptodate;
    tail.mapping = NONE;
    tail.index = NONE;
    tail.uptodate = false;
    tail.refcount.shared = 0;
  }
  folio.nr_pages.store(0, k.shape.huge!.folio);
}

/**
 * Takes a folio out of the filemap and puts its pieces in. One step, but for the memory
 * that it needs: who looks a folio up has the invalidate_lock, at least shared. It spins
 * until nobody but the filemap refers to the folio.
 */
export const kvm_gmem_split_folio_in_filemap = (k: Kernel, inode: Inode, index: number) =>
  choose(
    'folio_ref_freeze(folio, nr_pages); split_folio(folio)',
    MAY_FAIL.slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      const folio = folioAt(k, inode, index);
      if (!folio || pagesIn(folio) === 1) return 0;
      if (option === 1) return -ENOMEM;
      splitFolio(k, inode, folio);
      return 0;
    },
    { when: () => isFrozen(folioAt(k, inode, index)) },
  );

/** The same of all the pieces of a huge page. */
export const kvm_gmem_merge_folio_in_filemap = (k: Kernel, inode: Inode, index: number) =>
  step(
    'folio_ref_freeze(each folio, 1); merge_folio(first_folio)',
    () => {
      const folio = folioAt(k, inode, index);
      if (folio && pagesIn(folio) === 1) mergeFolios(k, inode.i_pages.load(index));
      return 0;
    },
    { when: () => piecesOf(k, inode, index).every(isFrozen) },
  );

const MAY_FAIL = [
  { name: '', cost: 0 },
  { name: '-ENOMEM', cost: 1 },
];

const folioAt = (k: Kernel, inode: Inode, index: number): Folio | undefined =>
  k.folios[folioOf(k, inode.i_pages.load(index))];

const piecesOf = (k: Kernel, inode: Inode, index: number): (Folio | undefined)[] =>
  Array.from({ length: k.shape.huge!.folio }, (_, i) => folioAt(k, inode, index + i));

const isFrozen = (folio: Folio | undefined): boolean => !folio || folio.refcount.count === 1;

/** To shared: every huge page that the range touches is split. To private: merged, if it can be. */
export const kvm_gmem_restructure_folios_in_range = gmem(
  function* kvm_gmem_restructure_folios_in_range(
    k: Kernel,
    inode: Inode,
    start: number,
    end: number,
    split: boolean,
  ) {
    if (!k.shape.huge) return 0;
    for (let index = roundDown(k, start); index < end; index += k.shape.huge.folio) {
      if (split) {
        const r = yield* kvm_gmem_split_folio_in_filemap(k, inode, index);
        if (r !== 0) return r;
      } else if (!(yield* kvm_gmem_has_some_shared(k, inode, index)))
        yield* kvm_gmem_merge_folio_in_filemap(k, inode, index);
    }
    return 0;
  },
);

/** Every page of a folio; it is locked, and nobody has mapped it. */
export const folio_zero_user = (k: Kernel, folio: Folio) =>
  step('folio_zero_user(folio)', () => {
    for (const frame of framesOf(k, folio)) k.folios[frame]!.content = ZERO;
  });

/** folio_next_index() */
export const nextIndex = (folio: Folio): number => folio.index + pagesIn(folio);

/** page_folio(page), by who has a reference to it. */
export const page_folio = (k: Kernel, pfn: number) =>
  step('folio = page_folio(page)', () => folioOf(k, pfn), { sort: 'folio' });
