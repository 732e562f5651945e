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
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'truncate-before-begin',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() truncates before it invalidates',
    change: (f) => ({
      kvm_gmem_punch_hole: later(f.kvm_gmem_punch_hole, 'kvm_gmem_invalidate_begin'),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'end-before-truncate',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() ends the invalidation before it truncates',
    change: (f) => ({
      kvm_gmem_punch_hole: later(f.kvm_gmem_punch_hole, 'truncate_inode_pages_range'),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'begin-without-mmu-lock',
    base: '6.12',
    why: 'kvm_gmem_invalidate_begin() begins and zaps without mmu_lock',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, MMU_LOCK),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'nothing-zapped',
    base: '6.12',
    why: 'kvm_gmem_invalidate_begin() zaps nothing',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, ['kvm_unmap_gfn_range']),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
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
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
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
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'seq-not-advanced',
    base: '6.12',
    why: 'kvm_mmu_invalidate_end() leaves mmu_invalidate_seq alone',
    change: (f) => ({
      kvm_mmu_invalidate_end: without(f.kvm_mmu_invalidate_end, ['kvm->mmu_invalidate_seq++']),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
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
    // Where the stores are reordered already, the change would lose the one that comes last.
    notIn: ['w1-no-wmb'],
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
  {
    id: 'end-without-begin',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() ends an invalidation that it did not begin',
    change: (f) => ({
      kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, ['kvm_gmem_invalidate_begin']),
    }),
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'begin-without-end',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() leaves its invalidation open',
    change: (f) => ({
      kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, ['kvm_gmem_invalidate_end']),
    }),
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'end-without-mmu-lock',
    base: '6.12',
    why: 'kvm_gmem_invalidate_end() ends without mmu_lock',
    change: (f) => ({ kvm_gmem_invalidate_end: without(f.kvm_gmem_invalidate_end, MMU_LOCK) }),
    caught: {
      equivalent:
        'the sequence advances before the count falls, so a fault that compares in between ' +
        'retries; on a machine two that end at once could lose a count, which is one step here',
    },
    // Without the lock the barrier is what keeps the two stores in order.
    notIn: ['w1-no-wmb'],
  },
  {
    id: 'punch-with-shared-lock',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() takes the invalidate_lock shared',
    change: (f) => ({
      kvm_gmem_punch_hole: instead(f.kvm_gmem_punch_hole, function* (k, inode, start, end) {
        const unlocked = without(f.kvm_gmem_punch_hole, INVALIDATE_LOCK);
        yield* filemap_invalidate_lock_shared(inode);
        const r = yield* unlocked(k, inode, start, end);
        yield* filemap_invalidate_unlock_shared(inode);
        return r;
      }),
    }),
    caught: by('condition', 'allocate-vs-punch'),
  },
  {
    id: 'truncates-a-page-less',
    base: '6.12',
    why: 'the truncation takes its end for inclusive',
    change: (f) => ({
      truncate_inode_pages_range: given(f.truncate_inode_pages_range, (k, inode, start, end) => [
        k,
        inode,
        start,
        Math.max(start + 1, end - 1),
      ]),
    }),
    caught: by('condition', 'allocate-vs-punch'),
  },
  {
    id: 'invalidates-a-page-less',
    base: '6.12',
    why: 'what is invalidated ends a page before what is truncated',
    change: (f) => ({
      kvm_gmem_invalidate_begin: given(
        f.kvm_gmem_invalidate_begin,
        (k, file, start, end, ...more) => [k, file, start, Math.max(start + 1, end - 1), ...more],
      ),
    }),
    caught: by('S1', 'prefault-signal'),
  },
  {
    id: 'invalidates-from-next-page',
    base: '6.12',
    why: 'what is invalidated begins a page behind what is truncated',
    change: (f) => ({
      kvm_gmem_invalidate_begin: given(
        f.kvm_gmem_invalidate_begin,
        (k, file, start, end, ...more) => [k, file, start + 1, end, ...more],
      ),
    }),
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'ends-from-next-page',
    base: '6.12',
    why: 'kvm_gmem_invalidate_end() looks for bindings a page behind',
    change: (f) => ({
      kvm_gmem_invalidate_end: given(f.kvm_gmem_invalidate_end, (k, file, start, end) => [
        k,
        file,
        start + 1,
        end,
      ]),
    }),
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'rmp-before-removal',
    base: '6.12',
    why: 'filemap_remove_folio() tells the file system before it removes the folio',
    change: (f) => ({
      filemap_remove_folio: later(f.filemap_remove_folio, '__filemap_remove_folio'),
    }),
    caught: {
      equivalent: 'whoever finds the folio waits for its lock, and then sees that it is gone',
    },
  },
];
