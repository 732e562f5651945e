import { by, type Mutation } from './mutation.js';
import { given, without } from './edit.js';

/** Huge pages under SNP: entries of the RMP, leaves and folios of 2M. */
export const thp: readonly Mutation[] = [
  {
    id: 'large-entry-not-split',
    base: 'THP',
    why: 'sev_gmem_invalidate() makes part of a 2M entry shared without PSMASH',
    change: (f) => ({
      kvm_arch_gmem_invalidate: without(f.kvm_arch_gmem_invalidate, ['snp_rmptable_psmash']),
    }),
    caught: by('doomed', 'thp-punch-then-read'),
  },
  {
    id: 'rmp-fault-does-not-split',
    base: 'THP',
    why: 'sev_handle_rmp_fault() zaps and does not PSMASH',
    change: (f) => ({
      sev_handle_rmp_fault: without(f.sev_handle_rmp_fault, ['snp_rmptable_psmash']),
    }),
    caught: by('doomed', 'thp-psmash-in-fault'),
  },
  {
    id: 'small-page-prepared-as-huge',
    base: 'THP',
    why: 'sev_gmem_prepare() makes 2M private whatever the size of the folio',
    change: (f) => ({
      kvm_arch_gmem_prepare: given(f.kvm_arch_gmem_prepare, (k, kvm, gfn, page) => [
        k,
        kvm,
        gfn,
        page,
        1,
      ]),
    }),
    caught: by('S4', 'thp-no-memory'),
  },
  {
    id: 'hole-stays-prepared',
    base: 'THP',
    why: 'kvm_gmem_punch_hole() leaves the pages of the hole prepared',
    change: (f) => ({
      kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, ['kvm_gmem_mark_range_unprepared()']),
    }),
    caught: by('S5', 'thp-first-fault'),
  },
  {
    id: 'mixed-flag-not-set',
    base: 'THP',
    why: 'a change of attributes does not set KVM_LPAGE_MIXED_FLAG',
    change: (f) => ({
      kvm_post_set_memory_attributes: without(f.kvm_post_set_memory_attributes, [
        'hugepage_set_mixed()',
      ]),
    }),
    caught: by('S7', 'thp-attribute-then-fault'),
  },
  {
    id: 'hole-invalidates-huge-pages',
    base: 'THP',
    why: 'a hole invalidates whole huge pages, whatever part of them it takes',
    change: (f) => ({
      kvm_gmem_invalidate_begin: given(f.kvm_gmem_invalidate_begin, (k, file, start, end) => {
        const { leaf } = k.shape.huge ?? { leaf: 1 };
        return [k, file, start - (start % leaf), Math.ceil(end / leaf) * leaf];
      }),
    }),
    caught: { test: 'thp-punch-half', mends: 'S1' },
  },
  {
    id: 'attributes-invalidate-huge-pages',
    base: 'THP',
    why: '9129633d568e: a change of attributes invalidates the huge pages that it cuts',
    change: (f) => ({
      kvm_pre_set_memory_attributes: given(
        f.kvm_pre_set_memory_attributes,
        (k, kvm, start, end, slots, attrs) => {
          const { leaf } = k.shape.huge ?? { leaf: 1 };
          return [k, kvm, start - (start % leaf), Math.ceil(end / leaf) * leaf, slots, attrs];
        },
      ),
    }),
    caught: { test: 'thp-attribute-vs-fault', mends: 'S7' },
  },
];
