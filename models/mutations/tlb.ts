import { later, without } from './edit.js';
import { by, SERIES_OF_2021, type Mutation } from './mutation.js';

const FLUSH = 'kvm_flush_remote_tlbs';

/** Flushes: one that is left out, and one behind the lock that it belongs under. */
export const tlb: readonly Mutation[] = [
  {
    id: 'hole-does-not-flush',
    base: '6.12',
    why: 'kvm_gmem_invalidate_begin() zaps and does not flush TLBs',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, [FLUSH]),
    }),
    caught: by('S1', 'tlb-fault-vs-punch'),
    except: SERIES_OF_2021,
  },
  {
    id: 'memfd-does-not-flush',
    base: 'P0s',
    why: 'kvm_memfd_invalidate_range() zaps and does not flush TLBs',
    change: (f) => ({
      kvm_memfd_invalidate_range: without(f.kvm_memfd_invalidate_range, [FLUSH]),
    }),
    caught: by('S1', 'tlb-fault-vs-punch'),
    only: ['P0s+slot'],
  },
  {
    id: 'hole-flushes-behind-mmu-lock',
    base: '6.12',
    why: 'kvm_gmem_invalidate_begin() flushes when it has dropped mmu_lock',
    change: (f) => ({ kvm_gmem_invalidate_begin: later(f.kvm_gmem_invalidate_begin, FLUSH) }),
    caught: by('condition', 'tlb-attribute-vs-punch'),
  },
  {
    id: 'attribute-does-not-flush',
    base: '6.12',
    why: 'changing an attribute zaps and does not flush TLBs',
    change: (f) => ({
      kvm_pre_set_memory_attributes: without(f.kvm_pre_set_memory_attributes, [FLUSH]),
    }),
    caught: by('S7', 'tlb-attribute'),
  },
  {
    id: 'attribute-flushes-behind-mmu-lock',
    base: '6.12',
    why: 'changing an attribute flushes when it has dropped mmu_lock',
    change: (f) => ({
      kvm_pre_set_memory_attributes: later(f.kvm_pre_set_memory_attributes, FLUSH),
    }),
    caught: by('S1', 'tlb-attribute-vs-punch'),
  },
  {
    id: 'zap-yields-unflushed',
    base: '6.12',
    why: 'tdp_mmu_zap_leafs() drops mmu_lock for others and does not flush before',
    change: (f) => ({ kvm_unmap_gfn_range: without(f.kvm_unmap_gfn_range, [FLUSH]) }),
    caught: by('S1', 'tlb-zap-yields'),
  },
  {
    id: 'deleted-slot-not-flushed',
    base: '6.12',
    why: 'kvm_arch_flush_shadow_memslot() zaps and does not flush TLBs',
    change: (f) => ({
      kvm_arch_flush_shadow_memslot: without(f.kvm_arch_flush_shadow_memslot, [FLUSH]),
    }),
    caught: by('S1', 'tlb-delete-slot-then-punch'),
    // There all roots go, and with them what was cached through them.
    except: ['P1', 'P1a', 'P2', 'P3', 'P3z'],
  },
  {
    id: 'conversion-does-not-flush',
    base: 'C2',
    why: 'a conversion zaps and does not flush TLBs',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, [FLUSH]),
    }),
    caught: by('S7', 'tlb-convert'),
  },
  {
    id: 'notifier-does-not-flush',
    base: '6.12',
    why: 'the MMU notifier zaps and does not flush TLBs',
    change: (f) => ({
      kvm_mmu_notifier_invalidate_range_start: without(f.kvm_mmu_notifier_invalidate_range_start, [
        FLUSH,
      ]),
    }),
    caught: by('S20', 'tlb-dontneed'),
    except: SERIES_OF_2021,
  },
  {
    id: 'release-does-not-flush',
    base: '6.12',
    why: 'the same in a release',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, [FLUSH]),
    }),
    caught: by('S1', 'tlb-close'),
  },
  {
    id: 'poison-stays-cached',
    base: '6.12',
    why: 'the same in a memory failure',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, [FLUSH]),
    }),
    caught: by('S18', 'tlb-memory-failure'),
  },
  {
    id: 'freed-page-read-through-tlb',
    base: '6.12',
    why: 'the same as the guest sees it: it reads what the frame is used for by then',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, [FLUSH]),
    }),
    caught: by('condition', 'tlb-freed-page-read'),
  },
];
