import { test } from '../../src/core/index.js';
import { instead, later, without } from './edit.js';
import { by, MMU_READ_LOCK, SRCU, type Mutation } from './mutation.js';

/** What a fault does: snapshot, checks, look-up, checks again, map. */
export const faults: readonly Mutation[] = [
  {
    id: 'no-stale-check',
    base: '6.12',
    why: 'is_page_fault_stale() leaves mmu_invalidate_retry_gfn() out',
    change: (f) => ({
      is_page_fault_stale: without(f.is_page_fault_stale, ['mmu_invalidate_retry_gfn']),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'no-stale-check-and-freed',
    base: '6.12',
    why: 'the same as the guest sees it: it reads what its freed page is used for by then',
    change: (f) => ({
      is_page_fault_stale: without(f.is_page_fault_stale, ['mmu_invalidate_retry_gfn']),
    }),
    caught: by('condition', 'freed-page-read'),
  },
  {
    id: 'stale-check-without-seq',
    base: '6.12',
    why: 'mmu_invalidate_retry_gfn() looks at the count of invalidations only',
    change: (f) => ({
      mmu_invalidate_retry_gfn: instead(f.mmu_invalidate_retry_gfn, function* (_k, kvm) {
        return yield* test('mmu_invalidate_retry_gfn()', () => kvm.mmu_invalidate_in_progress > 0);
      }),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'stale-check-without-count',
    base: '6.12',
    why: 'mmu_invalidate_retry_gfn() looks at the sequence count only',
    change: (f) => ({
      mmu_invalidate_retry_gfn: instead(f.mmu_invalidate_retry_gfn, function* (_k, kvm) {
        return yield* test('mmu_invalidate_retry_gfn()', () => kvm.mmu_invalidate_seq.changed);
      }),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'stale-check-before-lock',
    base: '6.12',
    why: 'the fault checks for staleness and only then takes mmu_lock',
    change: (f) => ({ kvm_tdp_mmu_page_fault: later(f.kvm_tdp_mmu_page_fault, MMU_READ_LOCK[0]) }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'map-without-mmu-lock',
    base: '6.12',
    why: 'the fault checks and maps without mmu_lock',
    change: (f) => ({ kvm_tdp_mmu_page_fault: without(f.kvm_tdp_mmu_page_fault, MMU_READ_LOCK) }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'snapshot-after-pfn',
    base: 'P1',
    why: 'the fault takes its snapshot when it has the pfn already',
    change: (f) => ({ kvm_faultin_pfn: later(f.kvm_faultin_pfn, 'mmu_seq =', 2) }),
    caught: by('S1', 'fault-vs-punch-sw'),
    only: [],
  },
  {
    id: 'snapshot-after-attribute',
    base: '6.12',
    why: 'the fault reads the attribute before its snapshot: a missing smp_rmb()',
    change: (f) => ({ kvm_faultin_pfn: later(f.kvm_faultin_pfn, 'mmu_seq =') }),
    caught: by('S7', 'attribute-vs-fault'),
    except: ['P1a'],
  },
  {
    id: 'no-attribute-check',
    base: '6.12',
    why: 'kvm_faultin_pfn() does not compare the fault with the attribute',
    change: (f) => ({
      kvm_faultin_pfn: without(
        f.kvm_faultin_pfn,
        ['kvm_mem_is_private()'],
        (_k, _vcpu, _slot, _gfn, isPrivate) => isPrivate,
      ),
    }),
    caught: by('S7', 'prep-6-fault-begins-later'),
  },
  {
    id: 'no-srcu',
    base: '6.12',
    why: 'the vCPU handles its fault outside SRCU',
    change: (f) => ({ vcpu_run: without(f.vcpu_run, SRCU) }),
    caught: by('S10', 'delete-slot-vs-fault'),
  },
  {
    id: 'no-unsafe-check',
    base: '6.12',
    why: 'the lockless retry checks are gone, before and after the pfn',
    change: (f) => ({
      kvm_faultin_pfn: without(f.kvm_faultin_pfn, ['mmu_invalidate_retry_gfn_unsafe']),
    }),
    caught: by('livelock', 'prefault-signal'),
  },
  {
    id: 'pfn-released-early',
    base: '6.12',
    why: 'the reference to the folio is dropped before it is mapped',
    change: (f) => ({
      kvm_faultin_pfn: instead(f.kvm_faultin_pfn, function* (k, ...args) {
        const [r, pfn] = yield* f.kvm_faultin_pfn(k, ...args);
        if (r === 0) yield* k.kvm_release_pfn_clean(pfn);
        return [r, pfn] as const;
      }),
      kvm_tdp_mmu_page_fault: without(f.kvm_tdp_mmu_page_fault, ['kvm_release_pfn_clean']),
    }),
    caught: {
      equivalent:
        'a folio that is freed meanwhile was truncated, so the stale check refuses it: ' +
        'the series for in-place conversion relies on that',
    },
  },
];
