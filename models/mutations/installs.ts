import { test } from '../../src/core/index.js';
import { instead, later, without } from './edit.js';
import { by, SERIES_OF_2021, type Mutation } from './mutation.js';

/** What a fault may install, and add: the checks of faults.ts, seen where they matter. */
export const installs: readonly Mutation[] = [
  {
    id: 'installs-unchecked',
    base: '6.12',
    why: 'is_page_fault_stale() leaves mmu_invalidate_retry_gfn() out, seen at the install',
    change: (f) => ({
      is_page_fault_stale: without(f.is_page_fault_stale, ['mmu_invalidate_retry_gfn']),
    }),
    caught: by('S15', 'install-vs-punch'),
    except: SERIES_OF_2021,
  },
  {
    id: 'installs-inside-invalidation',
    base: '6.12',
    why: 'mmu_invalidate_retry_gfn() looks at the sequence count only, seen at the install',
    change: (f) => ({
      mmu_invalidate_retry_gfn: instead(f.mmu_invalidate_retry_gfn, function* (_k, kvm) {
        return yield* test('mmu_invalidate_retry_gfn()', () => kvm.mmu_invalidate_seq.changed);
      }),
    }),
    caught: by('S15', 'install-vs-punch'),
    except: SERIES_OF_2021,
  },
  {
    id: 'installs-by-old-attribute',
    base: '6.12',
    why: 'the fault reads the attribute before its snapshot, seen at the install',
    change: (f) => ({ kvm_faultin_pfn: later(f.kvm_faultin_pfn, 'mmu_seq =') }),
    caught: by('S15', 'install-vs-attribute'),
    except: ['P1a'],
  },
  {
    id: 'page-added-without-invalidate-lock',
    base: 'C2',
    why: 'kvm_gmem_get_pfn() adds its page without the invalidate_lock, as until in-place conversion',
    change: (f) => ({
      kvm_gmem_get_pfn: without(f.kvm_gmem_get_pfn, [
        'filemap_invalidate_lock_shared(',
        'filemap_invalidate_unlock_shared(',
      ]),
    }),
    caught: by('S4s', 'prep-4-page-left-in-hole'),
  },
];
