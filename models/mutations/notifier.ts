import { given, instead, without } from './edit.js';
import { by, type Mutation } from './mutation.js';

const START = 'kvm_mmu_notifier_invalidate_range_start';
const END = 'kvm_mmu_notifier_invalidate_range_end';

/** The MMU notifier, and who gets pages of the VMM's own memory. */
export const notifier: readonly Mutation[] = [
  {
    id: 'notifier-not-called',
    base: '6.12',
    why: 'pages of the VMM go without KVM being told',
    change: (f) => ({
      zap_page_range_single: without(f.zap_page_range_single, [START, END]),
    }),
    caught: by('S20', 'hva-fault-vs-dontneed'),
    only: ['P1', 'P9'],
  },
  {
    id: 'notifier-ends-at-once',
    base: '6.12',
    why: 'the invalidation is over before the PTEs are cleared',
    change: (f) => ({
      zap_page_range_single: instead(f.zap_page_range_single, function* (k, start, end) {
        yield* k.kvm_mmu_notifier_invalidate_range_start(k.kvm, start, end);
        yield* k.kvm_mmu_notifier_invalidate_range_end(k.kvm, start, end);
        yield* without(f.zap_page_range_single, [START, END])(k, start, end);
      }),
    }),
    caught: by('S20', 'hva-fault-vs-dontneed'),
    only: ['P1', 'P9'],
  },
  {
    id: 'notifier-does-not-end',
    base: '6.12',
    why: 'the notifier leaves its invalidation open',
    change: (f) => ({ [END]: without(f[END], ['kvm_mmu_invalidate_end']) }),
    caught: by('S3', 'hva-fault-vs-dontneed'),
    only: ['P1', 'P9'],
  },
  {
    id: 'notifier-not-counted',
    base: '6.12',
    why: 'the slots may change between the start and the end of a notifier',
    change: (f) => ({
      [START]: without(f[START], ['kvm->mn_active_invalidate_count++']),
      [END]: without(f[END], ['kvm->mn_active_invalidate_count--']),
    }),
    caught: by('S3', 'hva-dontneed-vs-delete-slot'),
    only: ['P1', 'P9'],
  },
  {
    id: 'notifier-outside-srcu',
    base: '6.12',
    why: 'the end of an invalidation looks its slots up outside SRCU',
    change: (f) => ({
      [END]: without(f[END], ['srcu_read_lock(&kvm->srcu)', 'srcu_read_unlock(&kvm->srcu)']),
    }),
    caught: {
      equivalent:
        'mn_active_invalidate_count, which is dropped behind it, keeps the slots from changing',
    },
    only: [],
  },
  {
    id: 'notifier-zaps-mirror',
    base: 'P5',
    why: 'what becomes of shared memory unmaps private memory as well',
    change: (f) => ({
      kvm_unmap_gfn_range: given(f.kvm_unmap_gfn_range, (k, kvm, start, end) => [
        k,
        kvm,
        start,
        end,
      ]),
    }),
    caught: by('condition', 'tdx-dontneed-keeps-private'),
    only: ['P6', 'P7', 'P9'],
  },
  {
    id: 'host-page-not-referenced',
    base: '6.12',
    why: 'the fault drops the reference to a host page before it maps it',
    change: (f) => ({
      kvm_faultin_pfn: instead(f.kvm_faultin_pfn, function* (k, ...args) {
        const [r, pfn] = yield* f.kvm_faultin_pfn(k, ...args);
        if (r === 0) yield* k.kvm_release_pfn_clean(pfn);
        return [r, pfn] as const;
      }),
      kvm_tdp_mmu_page_fault: without(f.kvm_tdp_mmu_page_fault, ['kvm_release_pfn_clean']),
    }),
    caught: {
      equivalent: 'a page that is freed meanwhile went through the notifier: the fault is stale',
    },
    only: [],
  },
];
