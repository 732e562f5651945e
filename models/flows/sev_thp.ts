import { again, choose, step, test } from '../../src/core/index.js';
import { EINVAL } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { pagesIn } from '../state/folios.js';
import { PG_LEVEL_2M, PG_LEVEL_4K } from '../state/leaves.js';
import { NONE } from '../state/shape.js';
import type { Folio, Kvm } from '../state/structs.js';
import { firstOf2M, isLargeRmp } from '../state/thp.js';
import { asidOf } from '../state/vms.js';

/** What of sev.c is there for RMP entries of 2M. */
const sev = from('arch/x86/kvm/svm/sev.c', '6.12.117');

/**
 * The level of an RMP entry, or 0 where the frame is not assigned. Read without any lock; the
 * level is that of the 2M that the frame lies in.
 */
export const snp_lookup_rmpentry = (k: Kernel, pfn: number) =>
  step('snp_lookup_rmpentry()', () => {
    if (!k.rmp[pfn]!.assigned) return 0;
    return isLargeRmp(k, pfn) ? PG_LEVEL_2M : PG_LEVEL_4K;
  });

/** The frames that an RMPUPDATE of this level is about. */
const framesAt = (k: Kernel, pfn: number, level: number): number[] =>
  level === PG_LEVEL_4K
    ? [pfn]
    : Array.from({ length: k.shape.huge!.leaf }, (_, i) => firstOf2M(k, pfn) + i);

const MAY_FAIL = [
  { name: '', cost: 0 },
  { name: 'fails', cost: 1 },
];
const nameOf = (level: number): string => (level === PG_LEVEL_2M ? '2M' : '4K');

/** Frame by frame, the gfn of a 2M entry counted from the 2M that the gfn lies in. */
const rmp_make_private = (k: Kernel, kvm: Kvm, gfn: number, pfn: number, level: number) =>
  choose(
    `rmp_make_private(${nameOf(level)})`,
    MAY_FAIL.slice(0, k.shape.faults > 0 ? 2 : 1),
    (option) => {
      if (option === 1) return -EINVAL;
      const frames = framesAt(k, pfn, level);
      const first = gfn - (gfn % frames.length);
      for (const [i, frame] of frames.entries()) {
        const entry = k.rmp[frame]!;
        Object.assign(entry, { assigned: true, gfn: first + i });
        if (entry.asid.length > 0) entry.asid.store(0, asidOf(k, kvm));
      }
      if (level === PG_LEVEL_2M) k.rmp[frames[0]!]!.large.store(0, 1);
      return 0;
    },
  );

/** RMPUPDATE of 4K inside an entry of 2M says FAIL_OVERLAP, and is repeated for as long as it does. */
export const rmpupdate = from(
  'arch/x86/virt/svm/sev.c',
  '6.12.117',
)(function* rmpupdate(k: Kernel, pfn: number, level: number) {
  const r = yield* choose(
    `rmp_make_shared(${nameOf(level)})`,
    MAY_FAIL.slice(0, k.shape.rmpupdateFails ? 2 : 1),
    (option) => {
      if (level === PG_LEVEL_4K && isLargeRmp(k, pfn)) return FAIL_OVERLAP;
      if (option === 0) makeShared(k, pfn, level);
      return 0;
    },
  );
  if (r === FAIL_OVERLAP) yield* again();
});
const FAIL_OVERLAP = 4;

function makeShared(k: Kernel, pfn: number, level: number): void {
  const frames = framesAt(k, pfn, level);
  if (level === PG_LEVEL_2M) k.rmp[frames[0]!]!.large.store(0, 0);
  for (const frame of frames) {
    const entry = k.rmp[frame]!;
    Object.assign(entry, { assigned: false, gfn: NONE });
    if (entry.asid.length > 0) entry.asid.store(0, NONE);
  }
}

/** An entry of 2M becomes entries of 4K. One instruction, which fails if they are of 4K already. */
export const snp_rmptable_psmash = sev(function* snp_rmptable_psmash(k: Kernel, pfn: number) {
  const r = yield* choose(
    'psmash()',
    [
      { name: '', cost: 0 },
      { name: 'FAIL_INUSE', cost: 1 },
      { name: 'fails', cost: 1 },
    ].slice(0, k.shape.psmashFails ? 3 : 1),
    (option) => {
      if (option > 0) return option;
      if (!isLargeRmp(k, pfn)) return FAILED;
      k.rmp[firstOf2M(k, pfn)]!.large.store(0, 0);
      return 0;
    },
  );
  return r === FAIL_INUSE ? yield* again() : r;
});
const FAIL_INUSE = 1;
const FAILED = 2;

/**
 * Folio lock held, so that nobody else prepares it: the look at all the entries of 2M is one
 * step.
 */
export const kvm_arch_gmem_prepare = sev(function* sev_gmem_prepare(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  page: Folio,
  max_order: number = 0,
) {
  if (k.shape.memory !== 'snp') return 0;
  const pfn = k.folios.indexOf(page);
  if (yield* snp_lookup_rmpentry(k, pfn)) return 0;
  const isLarge = max_order > 0 && (yield* is_large_rmp_possible(k, pfn));
  return yield* rmp_make_private(k, kvm, gfn, pfn, isLarge ? PG_LEVEL_2M : PG_LEVEL_4K);
});

const is_large_rmp_possible = (k: Kernel, pfn: number) =>
  test('is_large_rmp_possible()', () =>
    framesAt(k, pfn, PG_LEVEL_2M).every((frame) => !k.rmp[frame]!.assigned));

/** From free_folio: the folio is locked, and out of the filemap. Nothing here can be told to fail. */
export const kvm_arch_gmem_invalidate = sev(function* sev_gmem_invalidate(k: Kernel, folio: Folio) {
  if (k.shape.memory !== 'snp') return;
  const start = k.folios.indexOf(folio);
  const npages = k.shape.huge ? yield* step('1 << folio_order(folio)', () => pagesIn(folio)) : 1;
  let n = 0;
  while (n < npages) {
    const pfn = start + n;
    const level = yield* snp_lookup_rmpentry(k, pfn);
    const isWhole = pfn === firstOf2M(k, pfn) && n + (k.shape.huge?.leaf ?? 1) <= npages;
    const use_2m_update = level === PG_LEVEL_2M && isWhole;
    if (level === PG_LEVEL_2M && !isWhole) yield* k.snp_rmptable_psmash(pfn);
    if (level > 0) yield* k.rmpupdate(pfn, use_2m_update ? PG_LEVEL_2M : PG_LEVEL_4K);
    n += use_2m_update ? k.shape.huge!.leaf : 1;
  }
});
