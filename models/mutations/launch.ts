import { pinForWriting } from '../flows/populate_source.js';
import { step } from '../../src/core/index.js';
import { EINTR, EIO, ENOENT } from '../errno.js';
import { RET_PF_RETRY } from '../flows/ret_pf.js';
import { NONE } from '../state/shape.js';
import { answered, given, instead, without } from './edit.js';
import { by, INVALIDATE_LOCK, of, SRCU, type Mutation } from './mutation.js';

/** Populating pages for a launch, and pre-faulting. */
export const launch: readonly Mutation[] = [
  {
    id: 'source-pinned-for-writing',
    base: 'P8',
    why: "the CPUID page's source is pinned with FOLL_WRITE",
    change: () => ({ pin_source: pinForWriting }),
    caught: {
      test: 'populate-source-cow',
      mends: '"KVM: guest_memfd: Use write permissions when GUP-ing source pages", 2026-05-22',
    },
  },
  {
    id: 'populate-does-not-mark',
    base: '6.12',
    why: 'a populated page is not marked as prepared',
    change: (f) => ({
      kvm_gmem_populate_one: without(f.kvm_gmem_populate_one, ['kvm_gmem_mark_prepared']),
    }),
    caught: by('condition', 'prep-3-populated-page-kept'),
    except: ['P2', 'P8', 'P9'],
  },
  {
    id: 'populate-copies-another-page',
    base: '6.12',
    why: 'populate copies from the wrong place of its source',
    change: (f) => ({
      post_populate: given(f.post_populate, (k, kvm, gfn, folio, value, ...more) => [
        k,
        kvm,
        gfn,
        folio,
        value - 1,
        ...more,
      ]),
    }),
    caught: by('S14', 'populate-vs-punch'),
  },
  {
    id: 'populate-again',
    base: 'P2',
    why: 'populate does not look whether the firmware owns the page',
    change: (f) => ({
      post_populate: answered(f.post_populate, 'snp_lookup_rmpentry(): assigned', 0),
    }),
    caught: by('S14', 'populate-twice'),
    only: ['P3', 'P8', 'P9'],
  },
  {
    id: 'populate-prepared',
    base: '6.12',
    why: 'populate does not look whether the page is prepared',
    change: (f) => ({
      kvm_gmem_populate_one: instead(
        f.kvm_gmem_populate_one,
        function* (k, slot, file, index, gfn, value) {
          const [folio] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
          const unprepared = without(f.kvm_gmem_populate_one, ['__kvm_gmem_get_pfn'], () => [
            folio,
            0,
          ]);
          return yield* unprepared(k, slot, file, index, gfn, value);
        },
      ),
    }),
    caught: { equivalent: 'the RMP entry of a prepared page says the same: -EEXIST all the same' },
    // The change takes the folio too early, and would leak it at a signal.
    notIn: ['populate-fails', 'populate-signal', 'populate-source-cow', 'signal-populate'],
  },
  {
    id: 'populate-without-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_populate() takes no invalidate_lock',
    change: (f) => ({ kvm_gmem_populate: without(f.kvm_gmem_populate, INVALIDATE_LOCK) }),
    caught: by('S4', 'populate-vs-punch'),
    except: ['P8', 'P9'],
  },
  {
    id: 'populate-shared',
    base: '6.12',
    why: 'populate takes gfns whose attribute is shared',
    change: (f) => ({
      kvm_gmem_populate_one: answered(f.kvm_gmem_populate_one, 'kvm_mem_is_private()', 1),
    }),
    caught: by('condition', 'populate-shared'),
    except: ['P8', 'P9'],
  },
  {
    id: 'prefault-before-finish',
    base: '6.12',
    why: 'KVM_PRE_FAULT_MEMORY does not wait for the launch to finish',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: answered(
        f.kvm_arch_vcpu_pre_fault_memory,
        'vcpu->kvm->arch.pre_fault_allowed',
        1,
      ),
    }),
    caught: by('S14', 'prefault-half-populated'),
    // There it prepares first, and populate finds the page taken.
    except: ['P2'],
  },
  {
    id: 'prefault-retry-to-user',
    base: '6.12',
    why: 'RET_PF_RETRY goes to user space as -EINTR instead of being retried',
    change: (f) => ({
      kvm_tdp_map_page: instead(f.kvm_tdp_map_page, function* (k, vcpu, gfn, isPrivate) {
        const r = yield* k.kvm_mmu_do_page_fault(vcpu, gfn, isPrivate, true);
        return r === RET_PF_RETRY ? -EINTR : r > 0 ? 0 : r;
      }),
    }),
    caught: by('condition', 'prefault-vs-punch'),
  },
  {
    id: 'prefault-error-lost-progress',
    base: '6.12',
    why: 'an error is reported although pages were mapped before it',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: instead(
        f.kvm_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn, npages) {
          const [r, left, exit, flags] = (yield* f.kvm_vcpu_pre_fault_memory(
            k,
            vcpu,
            gfn,
            npages,
          )) as readonly [number, number, number, number];
          return [left > 0 ? -ENOENT : r, left, exit, flags] as const;
        },
      ),
    }),
    caught: by('S16', 'prefault-past-slot'),
  },
  {
    id: 'prefault-emulate-eio',
    base: '6.12',
    why: 'a gfn without a slot is reported as any other failure',
    change: (f) => ({
      kvm_tdp_map_page: instead(f.kvm_tdp_map_page, function* (k, vcpu, gfn, isPrivate) {
        const r = yield* f.kvm_tdp_map_page(k, vcpu, gfn, isPrivate);
        return r === -ENOENT ? -EIO : r;
      }),
    }),
    caught: by('condition', 'prefault-past-slot'),
  },
  {
    id: 'prefault-skips-a-page',
    base: '6.12',
    why: 'a page that another vCPU has mapped is counted for two',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: instead(
        f.kvm_arch_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn) {
          const before = yield* step('is_shadow_present_pte()', () => vcpu.kvm.sptes.load(gfn), {
            sort: 'pfn',
          });
          const r = yield* f.kvm_arch_vcpu_pre_fault_memory(k, vcpu, gfn);
          return r > 0 && before !== NONE && gfn + 1 < k.shape.gfns ? r + 1 : r;
        },
      ),
    }),
    caught: by('condition', 'prefault-exact'),
  },
  {
    id: 'populate-not-undone',
    base: 'P2-early',
    why: 'a page that populate has created and cannot use stays, in its way',
    change: (f) => ({
      kvm_gmem_populate_one: without(f.kvm_gmem_populate_one, ['truncate_inode_pages_range']),
    }),
    caught: by('condition', 'populate-undone'),
    only: [],
  },
  {
    id: 'prefault-takes-alias',
    base: 'P6',
    why: 'a pre-fault of a gpa with the shared bit is one of the page itself',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: given(
        f.kvm_arch_vcpu_pre_fault_memory,
        (k, vcpu, gfn, _isAlias, npages) => [k, vcpu, gfn, false, npages],
      ),
    }),
    caught: by('condition', 'prefault-alias'),
  },
  {
    id: 'prefault-maps-nothing',
    base: '6.12',
    why: 'a pre-fault stops short of the map',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: without(f.kvm_arch_vcpu_pre_fault_memory, [
        'kvm_tdp_map_page',
      ]),
    }),
    caught: by('condition', 'prefault-exact'),
  },
  {
    id: 'prefault-without-srcu',
    base: 'P6',
    why: 'KVM_PRE_FAULT_MEMORY uses a memslot outside SRCU',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: without(f.kvm_vcpu_pre_fault_memory, SRCU),
    }),
    caught: by('S10', 'prefault-vs-delete-slot'),
    except: ['P2', 'P3', 'P3z', '6.12', 'P4'],
  },
  {
    id: 'prefault-waits-for-dying-slot',
    base: 'P6',
    why: 'a pre-fault retries on a slot that is being deleted, as before 3ccbf6f47098',
    change: () => ({ kvm_faultin_pfn: of('6.12').kvm_faultin_pfn }),
    caught: by('doomed', 'prefault-vs-delete-slot'),
    only: ['P9'],
  },
  {
    id: 'prefault-as-shared',
    base: '6.12',
    why: 'a pre-fault takes every gfn for shared',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: answered(
        f.kvm_arch_vcpu_pre_fault_memory,
        'kvm_mem_is_private()',
        0,
      ),
    }),
    caught: by('condition', 'prep-7-prefault-prepares'),
  },
  {
    id: 'populate-without-invalidate-lock-in-7.0',
    base: 'P9',
    why: '__kvm_gmem_populate() takes no invalidate_lock',
    change: (f) => ({
      __kvm_gmem_populate: without(f.__kvm_gmem_populate, INVALIDATE_LOCK),
    }),
    caught: by('S4', 'populate-vs-punch'),
    only: ['P8'],
  },
  {
    id: 'populate-shared-in-7.0',
    base: 'P9',
    why: '__kvm_gmem_populate() takes gfns whose attribute is shared',
    change: (f) => ({
      __kvm_gmem_populate: answered(f.__kvm_gmem_populate, 'kvm_mem_is_private()', 1),
    }),
    caught: by('condition', 'populate-shared'),
    only: ['P8'],
  },
  {
    id: 'populate-does-not-mark-in-7.0',
    base: 'P9',
    why: 'a populated page is not marked, and the next fault clears it',
    change: (f) => ({
      __kvm_gmem_populate: without(f.__kvm_gmem_populate, ['folio_mark_uptodate']),
    }),
    caught: by('condition', 'prep-3-populated-page-kept'),
    only: ['P8'],
  },
];
