import { step, test } from '../../src/core/index.js';
import { NONE } from '../state/shape.js';
import { given, instead, later, without } from './edit.js';
import { by, MMU_LOCK, type Mutation } from './mutation.js';

/** What an invalidation does: count, range, zap, sequence. */
export const invalidation: readonly Mutation[] = [
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
];
