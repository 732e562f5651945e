import { EAGAIN, EIO } from '../errno.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from '../flows/locks.js';
import { KVM_FILTER_SHARED } from '../flows/tdx/mirror.js';
import { gfnBoundAt } from '../protocols/P0/memfd.js';
import { NONE } from '../state/shape.js';
import { step } from '../../src/core/index.js';
import { answered, given, instead, later, without } from './edit.js';
import { by, MMU_READ_LOCK, of, SRCU, type Mutation } from './mutation.js';
import { returning } from './order.js';

type Prefaulted = readonly [number, number, number, number];

/** Postings, and versions with one change: what they have that no other has. */
export const postings: readonly Mutation[] = [
  {
    id: 'memfd-notifier-advances-seq',
    base: 'P0+stale',
    why: 'the memfd notifier advances the sequence count as it unmaps',
    change: (f) => ({
      kvm_memfd_invalidate_range: instead(f.kvm_memfd_invalidate_range, function* (k, file, index) {
        const gfn = yield* step('slot bound at index', () => gfnBoundAt(k, file, index));
        if (gfn === NONE) return;
        yield* KVM_MMU_LOCK(k.kvm);
        yield* k.kvm_unmap_gfn_range(k.kvm, gfn, gfn + 1);
        yield* step('kvm->mmu_notifier_seq++', () => k.kvm.mmu_invalidate_seq.advance());
        yield* KVM_MMU_UNLOCK(k.kvm);
      }),
    }),
    caught: {
      test: 'p0-fault-vs-punch',
      mends: 'the check is enough then',
    },
  },
  {
    id: 'stale-and-locked',
    base: 'P0+stale',
    why: 'the page stays locked from the look-up to behind the map, as the series has it',
    change: () => ({
      kvm_memfd_get_pfn: of('P0s').kvm_memfd_get_pfn,
      kvm_memfd_put_pfn: of('P0s').kvm_memfd_put_pfn,
    }),
    caught: { test: 'p0-freed-page-mapped', mends: 'with the check or without it' },
  },
  {
    id: 'memory-error-asks-for-shared',
    base: 'P0+stale',
    why: 'the exit of an access to a page that is not there asks for MAP_SHARED',
    change: (f) => ({
      kvm_faultin_pfn: instead(f.kvm_faultin_pfn, function* (k, vcpu, slot, gfn, isPrivate, pre) {
        const returned = yield* f.kvm_faultin_pfn(k, vcpu, slot, gfn, isPrivate, pre);
        if (returned[0] === -1)
          yield* step('run->mem.type = KVM_EXIT_MEM_MAP_SHARED', () => (vcpu.run_flags = 1));
        return returned;
      }),
    }),
    caught: by('condition', 'p0-private'),
  },
  {
    id: 'hva-pfn-not-checked',
    base: 'P0s+hva',
    why: 'pfns by hva of a private slot skip is_page_fault_stale(), as those of a memfd do',
    change: (f) => ({
      kvm_tdp_mmu_page_fault: answered(f.kvm_tdp_mmu_page_fault, 'is_page_fault_stale', 0),
    }),
    caught: by('S20', 'p0-hva-dontneed'),
    only: [],
  },
  {
    id: 'hva-mapped-without-mmu-lock',
    base: 'P0s+hva',
    why: 'a fault checks and maps without mmu_lock',
    change: (f) => ({ kvm_tdp_mmu_page_fault: without(f.kvm_tdp_mmu_page_fault, MMU_READ_LOCK) }),
    caught: by('S9', 'p0-hva-freed-page'),
    only: [],
  },
  {
    id: 'hva-snapshot-behind-look-up',
    base: 'P0s+hva',
    why: 'the fault takes its snapshot of mmu_notifier_seq when it has looked the page up',
    change: (f) => ({
      kvm_faultin_pfn: later(f.kvm_faultin_pfn, 'mmu_seq = kvm->mmu_invalidate_seq'),
    }),
    caught: by('S20', 'p0-hva-dontneed'),
    only: [],
  },
  {
    id: 'populate-undo-leaves-spte',
    base: 'P2-early',
    why: 'what populate has created and cannot use goes without an invalidation',
    change: (f) => ({
      kvm_gmem_populate_one: without(f.kvm_gmem_populate_one, [
        'kvm_gmem_invalidate_begin',
        'kvm_gmem_invalidate_end',
      ]),
    }),
    caught: by('S1', 'populate-created-meanwhile'),
  },
  {
    id: 'populate-undo-never-ends',
    base: 'P2-early',
    why: 'the invalidation that undoes populate is not ended',
    change: (f) => ({
      kvm_gmem_populate_one: without(f.kvm_gmem_populate_one, ['kvm_gmem_invalidate_end']),
    }),
    caught: by('S3', 'populate-undone'),
  },
  {
    id: 'populate-takes-what-is-there',
    base: 'P2-early',
    why: 'populate does without FGP_CREAT_ONLY, as in 6.11-rc1',
    change: () => ({ kvm_gmem_get_folio: of('P2').kvm_gmem_get_folio }),
    caught: { test: 'populate-created-page', mends: 'as 6.11-rc1 has it' },
  },
  {
    id: 'map-memory-without-srcu',
    base: 'P3p-v2',
    why: 'KVM_MAP_MEMORY uses a memslot outside SRCU',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: without(f.kvm_vcpu_pre_fault_memory, SRCU),
    }),
    caught: by('S10', 'prefault-vs-delete-slot'),
    only: ['P3p-v3'],
  },
  {
    id: 'map-memory-retry-is-eio',
    base: 'P3p-v2',
    why: 'RET_PF_RETRY gives user space -EIO, which is for good',
    change: (f) => ({
      kvm_tdp_map_page: returning(f.kvm_tdp_map_page, (r) => (r === -EAGAIN ? -EIO : r)),
    }),
    caught: by('condition', 'prefault-dying-slot'),
    only: ['P3p-v3'],
  },
  {
    id: 'map-memory-error-is-progress',
    base: 'P3p-v2',
    why: 'a page that could not be mapped counts as mapped',
    change: (f) => ({
      kvm_arch_vcpu_pre_fault_memory: returning(f.kvm_arch_vcpu_pre_fault_memory, (r) =>
        (r as number) < 0 ? 1 : r,
      ),
    }),
    caught: by('condition', 'prefault-no-memory-first'),
  },
  {
    id: 'map-memory-leaves-exit',
    base: 'P3p-v2',
    why: 'the exit reason is not told with an error',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: returning(f.kvm_vcpu_pre_fault_memory, (returned) => {
        const [r, left] = returned as Prefaulted;
        return [r, left, 0, 0];
      }),
    }),
    caught: by('condition', 'prefault-no-memory-first'),
  },
  {
    id: 'hole-zaps-shared-only',
    base: 'H0',
    why: 'a hole zaps the direct root, and leaves the mirror alone',
    change: (f) => ({
      kvm_unmap_gfn_range: given(f.kvm_unmap_gfn_range, (k, kvm, start, end) => [
        k,
        kvm,
        start,
        end,
        KVM_FILTER_SHARED,
      ]),
    }),
    caught: by('S1', 'tdx-fault-vs-punch'),
  },
  {
    id: 'hole-zaps-behind-truncation',
    base: 'H0',
    why: 'kvm_gmem_punch_hole() truncates, and then invalidates and zaps',
    change: (f) => ({
      kvm_gmem_punch_hole: later(f.kvm_gmem_punch_hole, 'kvm_gmem_invalidate_begin_and_zap'),
    }),
    caught: by('S1', 'fault-vs-punch'),
  },
  {
    id: 'conversion-leaves-private',
    base: 'H0',
    why: 'a conversion to shared zaps nothing',
    change: (f) => ({
      kvm_gmem_convert_should_proceed: without(f.kvm_gmem_convert_should_proceed, [
        'kvm_gmem_unmap_private',
      ]),
    }),
    caught: by('S7', 'conv-tdx-to-shared'),
  },
  {
    id: 'conversion-trusts-the-host',
    base: 'H0',
    why: 'a conversion to private counts no references',
    change: (f) => ({
      kvm_gmem_convert_should_proceed: without(
        f.kvm_gmem_convert_should_proceed,
        ['kvm_gmem_unsafe_page'],
        () => NONE,
      ),
    }),
    caught: by('S8', 'conv-pinned'),
  },
  {
    id: 'failed-memory-stays-mapped',
    base: 'H0',
    why: 'kvm_gmem_error_folio() zaps nothing',
    change: (f) => ({
      kvm_gmem_error_folio: without(f.kvm_gmem_error_folio, [
        'kvm_gmem_invalidate_begin_and_zap',
        'kvm_gmem_invalidate_end',
      ]),
    }),
    caught: by('S18', 'huge-memory-failure'),
  },
  {
    id: 'part-not-split',
    base: 'H1+part',
    why: 'of a folio that fails the page alone is zapped, and its leaf not split before',
    change: (f) => ({
      kvm_gmem_error_folio: without(f.kvm_gmem_error_folio, ['kvm_gmem_split_private']),
    }),
    caught: by('S6', 'huge-memory-failure-part'),
  },
  {
    id: 'part-split-behind-zap',
    base: 'H1+part',
    why: 'the leaf is split when it has been zapped',
    change: (f) => ({
      kvm_gmem_error_folio: later(f.kvm_gmem_error_folio, 'kvm_gmem_split_private'),
    }),
    caught: by('S6', 'huge-memory-failure-part'),
  },
  {
    id: 'part-not-zapped',
    base: 'H1+part',
    why: 'the page that fails is split off, and stays mapped',
    change: (f) => ({ kvm_gmem_error_folio: without(f.kvm_gmem_error_folio, ['kvm_gmem_zap']) }),
    caught: by('condition', 'huge-memory-failure-part'),
  },
  {
    id: 'part-never-ends',
    base: 'H1+part',
    why: 'kvm_gmem_error_folio() does not end its invalidation',
    change: (f) => ({
      kvm_gmem_error_folio: without(f.kvm_gmem_error_folio, ['kvm_gmem_invalidate_end']),
    }),
    caught: by('S3', 'huge-memory-failure-part'),
  },
  {
    id: 'delayed-counts-no-users',
    base: 'P9+delayed',
    why: 'the reference of the filemap is one too many, as before',
    change: (f) => ({
      me_pagecache_clean: answered(f.me_pagecache_clean, 'has_extra_refcount(p)', 1),
    }),
    caught: by('condition', 'memory-failure-returns'),
  },
  {
    id: 'delayed-passed-on-as-failed',
    base: 'P9+delayed',
    why: 'what kvm_gmem_error_folio() returns is taken for an error, as before',
    change: () => ({ me_pagecache_clean: of('P9').me_pagecache_clean }),
    caught: by('condition', 'memory-failure-returns'),
  },
  {
    id: 'delayed-is-recovered',
    base: 'P9+delayed',
    why: 'kvm_gmem_error_folio() says MF_RECOVERED',
    change: (f) => ({ kvm_gmem_error_folio: returning(f.kvm_gmem_error_folio, () => 3) }),
    caught: { equivalent: 'action_result() returns 0 for either, and nobody else asks' },
  },
];
