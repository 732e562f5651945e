import { step, test } from '../../src/core/index.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
} from '../flows/locks.js';
import { NONE } from '../state/shape.js';
import { given, instead, later, without } from './edit.js';
import { by, INVALIDATE_LOCK, MMU_LOCK, type Mutation } from './mutation.js';

/** What a hole does: lock, begin, zap, truncate, end. */
export const holes: readonly Mutation[] = [
  {
    id: 'punch-without-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() takes no invalidate_lock',
    change: (f) => ({ kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, INVALIDATE_LOCK) }),
    caught: by('S3', 'fault-vs-punch'),
  },
  {
    id: 'truncate-before-begin',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() truncates before it invalidates',
    change: (f) => ({
      kvm_gmem_punch_hole: later(f.kvm_gmem_punch_hole, 'kvm_gmem_invalidate_begin'),
    }),
    caught: by('S1', 'fault-vs-punch'),
  },
  {
    id: 'end-before-truncate',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() ends the invalidation before it truncates',
    change: (f) => ({
      kvm_gmem_punch_hole: later(f.kvm_gmem_punch_hole, 'truncate_inode_pages_range'),
    }),
    caught: by('S1', 'fault-vs-punch'),
  },
  {
    id: 'begin-without-mmu-lock',
    base: '6.12',
    why: 'kvm_gmem_invalidate_begin() begins and zaps without mmu_lock',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, MMU_LOCK),
    }),
    caught: by('S1', 'fault-vs-punch'),
  },
  {
    id: 'nothing-zapped',
    base: '6.12',
    why: 'kvm_gmem_invalidate_begin() zaps nothing',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, ['kvm_unmap_gfn_range']),
    }),
    caught: by('S1', 'fault-vs-punch'),
  },
  {
    id: 'last-page-not-zapped',
    base: '6.12',
    why: 'kvm_unmap_gfn_range() takes its end for inclusive, one page short',
    change: (f) => ({
      kvm_unmap_gfn_range: given(f.kvm_unmap_gfn_range, (k, kvm, start, end) => [
        k,
        kvm,
        start,
        Math.max(start + 1, end - 1),
      ]),
    }),
    caught: by('S1', 'prefault-signal'),
  },
  {
    id: 'range-of-first-page-only',
    base: '6.12',
    why: 'the range under invalidation ends behind its first page',
    change: (f) => ({
      kvm_mmu_invalidate_range_add: given(f.kvm_mmu_invalidate_range_add, (k, kvm, start) => [
        k,
        kvm,
        start,
        start + 1,
      ]),
    }),
    caught: by('S1', 'prefault-signal'),
  },
  {
    id: 'range-replaced',
    base: '6.12',
    why: 'a second invalidation replaces the range of the first instead of widening it',
    change: (f) => ({
      kvm_mmu_invalidate_range_add: instead(
        f.kvm_mmu_invalidate_range_add,
        function* (_k, kvm, start, end) {
          yield* step('range_add()', () => {
            kvm.mmu_invalidate_range_start = start;
            kvm.mmu_invalidate_range_end = end;
          });
        },
      ),
    }),
    caught: by('S1', 'punch-vs-attribute-elsewhere'),
  },
  {
    id: 'range-missing',
    base: '6.12',
    why: 'kvm_gmem_invalidate_begin() adds no range',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, [
        'kvm_mmu_invalidate_range_add',
      ]),
    }),
    caught: by('S3', 'fault-vs-punch'),
  },
  {
    id: 'range-not-reset',
    base: '6.12',
    why: 'kvm_mmu_invalidate_begin() leaves the last range as it was',
    change: (f) => ({
      kvm_mmu_invalidate_begin: without(f.kvm_mmu_invalidate_begin, ['kvm->mmu_invalidate_range']),
    }),
    caught: { equivalent: 'the hull is then too wide: faults outside retry once more' },
  },
  {
    id: 'count-not-raised',
    base: '6.12',
    why: 'kvm_mmu_invalidate_begin() does not count',
    change: (f) => ({
      kvm_mmu_invalidate_begin: instead(f.kvm_mmu_invalidate_begin, function* (k, kvm) {
        yield* test('kvm->mmu_invalidate_in_progress', () => {
          k.ghost.open_begins.store(k.memory.actor, 1);
          kvm.mmu_invalidate_range_start = NONE;
          kvm.mmu_invalidate_range_end = NONE;
          return true;
        });
      }),
    }),
    caught: by('S3', 'fault-vs-punch'),
  },
  {
    id: 'seq-not-advanced',
    base: '6.12',
    why: 'kvm_mmu_invalidate_end() leaves mmu_invalidate_seq alone',
    change: (f) => ({
      kvm_mmu_invalidate_end: without(f.kvm_mmu_invalidate_end, ['kvm->mmu_invalidate_seq++']),
    }),
    caught: by('S1', 'fault-vs-punch'),
  },
  {
    id: 'seq-after-count',
    base: '6.12',
    why: 'kvm_mmu_invalidate_end() lowers the count before it advances the sequence',
    change: (f) => ({
      kvm_mmu_invalidate_end: later(f.kvm_mmu_invalidate_end, 'kvm->mmu_invalidate_seq++'),
    }),
    caught: {
      equivalent: 'x86 compares under mmu_lock; the order is for those that do not',
    },
  },
  {
    id: 'rmp-not-given-back',
    base: '6.12',
    why: 'free_folio() does not give the frame back in the RMP',
    change: (f) => ({ free_folio: without(f.free_folio, ['kvm_arch_gmem_invalidate']) }),
    caught: by('S4', 'fault-vs-punch'),
  },
  {
    id: 'rmp-after-unlock',
    base: '6.12',
    why: 'truncation unlocks the folio before the file system frees it',
    change: (f) => ({ truncate_first_pass: later(f.truncate_first_pass, 'free_folio') }),
    caught: by('S4', 'punch-loses-data'),
  },
  {
    id: 'edges-not-looked-at',
    base: '6.12',
    why: 'truncation leaves the look at the first and last page out',
    change: (f) => ({
      truncate_inode_pages_range: without(f.truncate_inode_pages_range, ['truncate_edge']),
    }),
    caught: { equivalent: 'whole pages are what the second pass waits for anyway' },
  },
  {
    id: 'fault-takes-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_get_pfn() holds the invalidate_lock shared, as proposed for in-place conversion',
    change: (f) => ({
      kvm_gmem_get_pfn: instead(f.kvm_gmem_get_pfn, function* (k, kvm, slot, gfn) {
        const inode = k.inodes[0]!;
        yield* filemap_invalidate_lock_shared(inode);
        const r = yield* f.kvm_gmem_get_pfn(k, kvm, slot, gfn);
        yield* filemap_invalidate_unlock_shared(inode);
        return r;
      }),
    }),
    caught: {
      test: 'prep-4-page-left-in-hole',
      mends: 'S4s: a fault adds its page before the hole or after it',
    },
  },
];
