import { test } from '../../src/core/index.js';
import { slots_lock, slots_unlock } from '../flows/locks.js';
import { instead, without } from './edit.js';
import { by, of, SERIES_OF_2021, type Mutation } from './mutation.js';

const SIGNAL = ['signal_pending(current)'];

/** What keeps somebody from ever finishing: see models/progress. */
export const progress: readonly Mutation[] = [
  {
    id: 'prefault-takes-slots-lock',
    base: 'P6',
    why: 'a pre-fault takes slots_lock inside its SRCU section',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: instead(
        f.kvm_arch_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn) {
          yield* slots_lock(k.kvm);
          const r = yield* f.kvm_arch_vcpu_pre_fault_memory(k, vcpu, gfn);
          yield* slots_unlock(k.kvm);
          return r;
        },
      ),
    }),
    caught: by('deadlock', 'prefault-vs-delete-slot'),
    only: ['P9'],
  },
  {
    id: 'stale-by-old-range',
    base: '6.12',
    why: 'mmu_invalidate_retry_gfn() looks at the range of an invalidation that has ended',
    change: (f) => ({
      mmu_invalidate_retry_gfn: instead(f.mmu_invalidate_retry_gfn, function* (_k, kvm, gfn) {
        return yield* test('mmu_invalidate_retry_gfn()', () =>
          kvm.mmu_invalidate_seq.changed ||
          (kvm.mmu_invalidate_range_start <= gfn && gfn < kvm.mmu_invalidate_range_end));
      }),
    }),
    caught: by('doomed', 'fault-vs-punch', 'fault-vs-punch-sw'),
    except: SERIES_OF_2021,
  },
  {
    id: 'prefault-deaf-to-signals',
    base: '6.12',
    why: 'kvm_tdp_map_page() does not look for signals between its tries',
    change: (f) => ({ kvm_tdp_map_page: without(f.kvm_tdp_map_page, SIGNAL) }),
    caught: by('doomed', 'signal-prefault'),
  },
  {
    id: 'tdx-retry-deaf-to-signals',
    base: 'P5',
    why: 'tdx_handle_ept_violation() does not look for signals between its tries',
    change: (f) => ({ tdx_handle_ept_violation: without(f.tdx_handle_ept_violation, SIGNAL) }),
    caught: by('doomed', 'signal-tdx-fault'),
    only: [],
  },
  {
    id: 'allocate-deaf-to-signals',
    base: '6.12',
    why: 'kvm_gmem_allocate() does not look for signals between two pages',
    change: (f) => ({ kvm_gmem_allocate: without(f.kvm_gmem_allocate, SIGNAL) }),
    caught: by('condition', 'signal-allocate'),
  },
  {
    id: 'populate-deaf-to-signals',
    base: '6.12',
    why: 'kvm_gmem_populate() does not look for signals between two pages',
    change: (f) => ({ kvm_gmem_populate_one: without(f.kvm_gmem_populate_one, SIGNAL) }),
    caught: by('condition', 'signal-populate'),
    except: ['P8', 'P9'],
  },
  {
    id: 'populate-deaf-to-signals-in-7.0',
    base: 'P9',
    why: 'the same where populate takes the invalidate_lock page by page',
    change: (f) => ({ kvm_gmem_populate: without(f.kvm_gmem_populate, SIGNAL) }),
    caught: by('condition', 'signal-populate'),
    only: ['P8'],
  },
  {
    id: 'mmio-fault-is-shared',
    base: 'P1',
    why: 'a fault on an MMIO SPTE is taken for a shared access, as since 6.8-rc6',
    change: () => ({ kvm_mmu_page_fault: of('P2').kvm_mmu_page_fault }),
    caught: by('condition', 'mmio-stale'),
    only: [],
  },
];
