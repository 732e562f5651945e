import { step } from '../../src/core/index.js';
import { framesOf } from '../state/folios.js';
import { STALE, ZERO } from '../state/shape.js';
import { answered, given, instead, without } from './edit.js';
import { by, of, type Mutation } from './mutation.js';

/** Huge leaves: what splits one, when, and what is told of it. */
export const huge: readonly Mutation[] = [
  {
    id: 'hole-does-not-split',
    base: 'H1',
    why: 'kvm_gmem_punch_hole() zaps without splitting the leaves that the hole cuts',
    change: (f) => ({
      kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, ['kvm_gmem_split_private']),
    }),
    caught: by('S6', 'huge-punch-half'),
  },
  {
    id: 'conversion-does-not-split',
    base: 'H1',
    why: 'a conversion to shared zaps without splitting the leaves that its range cuts',
    change: (f) => ({
      kvm_gmem_convert_should_proceed: without(f.kvm_gmem_convert_should_proceed, [
        'kvm_gmem_split_private',
      ]),
    }),
    caught: by('S6', 'huge-convert-half'),
  },
  {
    id: 'hole-ignores-failed-split',
    base: 'H1',
    why: 'kvm_gmem_punch_hole() goes on when a leaf could not be split',
    change: (f) => ({
      kvm_gmem_punch_hole: answered(f.kvm_gmem_punch_hole, 'kvm_gmem_split_private', 0),
    }),
    caught: by('S11', 'huge-split-leaves-all'),
  },
  {
    id: 'conversion-ignores-failed-split',
    base: 'H1',
    why: 'a conversion to shared goes on when a leaf could not be split',
    change: (f) => ({
      kvm_gmem_convert_should_proceed: answered(
        f.kvm_gmem_convert_should_proceed,
        'kvm_gmem_split_private',
        0,
      ),
    }),
    caught: by('S6', 'huge-convert-fails'),
  },
  {
    id: 'hole-zaps-before-split',
    base: 'H1',
    why: 'kvm_gmem_split_private() zaps the range, and then splits what is left',
    change: (f) => ({
      kvm_gmem_split_private: function* kvm_gmem_split_private(k, file, start, end) {
        yield* k.kvm_gmem_zap(file, start, end, 2);
        return yield* f.kvm_gmem_split_private(k, file, start, end);
      } as typeof f.kvm_gmem_split_private,
    }),
    caught: by('S6', 'huge-convert-half'),
  },
  {
    id: 'leaf-split-without-block',
    base: 'H1',
    why: 'a leaf is demoted without having been blocked',
    change: (f) => ({
      tdx_sept_split_private_spt: without(f.tdx_sept_split_private_spt, ['TDH.MEM.RANGE.BLOCK']),
    }),
    caught: by('S19', 'huge-punch-half'),
  },
  {
    id: 'leaf-split-without-track',
    base: 'H1',
    why: 'a leaf is demoted without TDH.MEM.TRACK',
    change: (f) => ({
      tdx_sept_split_private_spt: without(f.tdx_sept_split_private_spt, ['tdx_track']),
    }),
    caught: by('S19', 'huge-punch-half'),
  },
  {
    id: 'leaf-not-demoted',
    base: 'H1',
    why: 'the mirror is split, the S-EPT is not',
    change: (f) => ({
      tdp_mmu_split_huge_page: without(f.tdp_mmu_split_huge_page, ['tdx_sept_split_private_spt']),
    }),
    caught: by('S2', 'huge-punch-half'),
  },
  {
    id: 'mirror-not-split',
    base: 'H1',
    why: 'the S-EPT is split, the mirror is not',
    change: (f) => ({
      tdp_mmu_split_huge_page: without(f.tdp_mmu_split_huge_page, ['tdp_mmu_set_spte()']),
    }),
    caught: by('S2', 'huge-convert-half'),
  },
  {
    id: 'accept-does-not-split',
    base: 'H1',
    why: 'an ACCEPT at 4K inhibits huge leaves, and leaves the one that is there',
    change: (f) => ({
      tdx_check_accept_level: without(f.tdx_check_accept_level, ['kvm_split_cross_boundary_leafs']),
    }),
    caught: by('doomed', 'huge-accept-alone'),
  },
  {
    id: 'accept-does-not-inhibit',
    base: 'H1',
    why: 'an ACCEPT at 4K splits the leaf that is there, and inhibits none',
    change: (f) => ({
      tdx_check_accept_level: without(f.tdx_check_accept_level, ['hugepage_set_guest_inhibit()']),
    }),
    caught: by('condition', 'huge-accept-first'),
  },
  {
    id: 'conversion-invalidates-pages',
    base: 'H1',
    why: 'a conversion invalidates its own range, not the whole huge pages that it cuts',
    change: (f) => ({
      // In the test that tells, the conversion is of the first page.
      kvm_gmem_invalidate_begin: given(f.kvm_gmem_invalidate_begin, (k, file, start) => [
        k,
        file,
        start,
        start + 1,
      ]),
    }),
    caught: by('S6', 'huge-convert-vs-fault'),
  },
  {
    id: 'memory-failure-zaps-private',
    base: 'H1',
    why: 'kvm_gmem_error_folio() zaps private mappings alone',
    change: (f) => ({
      kvm_gmem_zap: given(f.kvm_gmem_zap, (k, file, start, end) => [k, file, start, end, 2]),
    }),
    caught: by('S18', 'huge-shared-failure'),
  },
  {
    id: 'memory-failure-zaps-shared',
    base: 'H1',
    why: 'kvm_gmem_error_folio() zaps shared mappings alone',
    change: (f) => ({
      kvm_gmem_zap: given(f.kvm_gmem_zap, (k, file, start, end) => [k, file, start, end, 1]),
    }),
    caught: by('S18', 'huge-memory-failure'),
  },
  {
    id: 'close-leaves-huge-leaves',
    base: 'H1',
    why: 'the last close of a file zaps nothing',
    change: (f) => ({ kvm_gmem_release: without(f.kvm_gmem_release, ['kvm_gmem_zap']) }),
    caught: by('S1', 'huge-close'),
  },
  {
    id: 'hole-beyond-its-end',
    base: 'H0',
    why: 'a hole is invalidated one page further than it reaches',
    change: (f) => ({
      kvm_gmem_invalidate_begin_and_zap: given(
        f.kvm_gmem_invalidate_begin_and_zap,
        (k, file, start, end) => [k, file, start, end + 1],
      ),
    }),
    caught: by('S6', 'huge-punch-whole'),
  },
  {
    id: 'hole-never-ends',
    base: 'H1',
    why: 'kvm_gmem_punch_hole() does not end the invalidation',
    change: (f) => ({
      kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, ['kvm_gmem_invalidate_end']),
    }),
    caught: by('S3', 'huge-split-fails'),
  },
  {
    id: 'hole-not-aligned',
    base: 'H2',
    why: 'fallocate() takes any range of pages, as before',
    change: () => ({ kvm_gmem_fallocate: of('H1').kvm_gmem_fallocate }),
    caught: by('S1', 'huge-hole-clears'),
  },
  {
    id: 'batch-does-not-split',
    base: 'H2',
    why: 'kvm_gmem_convert() zaps without splitting the leaves that its range cuts',
    change: (f) => ({ kvm_gmem_convert: without(f.kvm_gmem_convert, ['kvm_gmem_split_private']) }),
    caught: by('S6', 'huge-convert-half'),
  },
  {
    id: 'batch-does-not-zap',
    base: 'H2',
    why: 'kvm_gmem_convert() splits leaves and zaps none',
    change: (f) => ({ kvm_gmem_convert: without(f.kvm_gmem_convert, ['kvm_gmem_zap']) }),
    caught: by('S7', 'huge-convert-half'),
  },
  {
    id: 'batch-stores-nothing',
    base: 'H2',
    why: 'kvm_gmem_convert() returns 0 and stores no attribute',
    change: (f) => ({ kvm_gmem_convert: without(f.kvm_gmem_convert, ['mas_store_prealloc(']) }),
    caught: by('S13', 'huge-convert-half'),
  },
  {
    id: 'batch-does-not-restructure',
    base: 'H2',
    why: 'kvm_gmem_convert() leaves a folio whole of which some is shared',
    change: (f) => ({
      kvm_gmem_convert: without(f.kvm_gmem_convert, ['kvm_gmem_restructure_folios_in_range']),
    }),
    caught: by('condition', 'huge-convert-half'),
  },
  {
    id: 'truncates-less-than-it-zaps',
    base: 'H1',
    why: 'kvm_gmem_truncate_inode_range() takes its end for the last page of the hole',
    change: (f) => ({
      kvm_gmem_truncate_inode_range: given(
        f.kvm_gmem_truncate_inode_range,
        (k, inode, start, end) => [k, inode, start, end - 1],
      ),
    }),
    caught: by('S12', 'huge-punch-whole'),
  },
  {
    id: 'populate-clears-the-rest',
    base: 'H1',
    why: 'populate clears what it leaves of a huge page, before the folio counts as prepared',
    change: (f) => ({
      kvm_gmem_mark_prepared: instead(f.kvm_gmem_mark_prepared, function* (k, folio) {
        yield* step('clear_highpage() of what is left', () => {
          for (const frame of framesOf(k, folio))
            if (k.folios[frame]!.content === STALE) k.folios[frame]!.content = ZERO;
        });
        yield* f.kvm_gmem_mark_prepared(k, folio);
      }),
    }),
    caught: { test: 'huge-populate-part', mends: 'S17' },
  },
];
