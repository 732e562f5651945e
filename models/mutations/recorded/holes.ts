import { step } from '../../../src/core/index.js';
import { EINVAL } from '../../errno.js';
import { NONE } from '../../state/shape.js';
import { RET_PF_FIXED } from '../../flows/ret_pf.js';
import { given, instead, without } from '../edit.js';
import type { Mistake } from './mistake.js';

/** Holes, allocation, and what the pages of a file hold. */
export const holeMistakes: readonly Mistake[] = [
  {
    id: 'punch-keeps-pages',
    base: '6.12',
    why: 'PUNCH_HOLE removes no page',
    change: (f) => ({
      truncate_inode_pages_range: instead(f.truncate_inode_pages_range, function* () {}),
    }),
    by: [57, 'fallocate st.g[0].pop'],
  },
  {
    id: 'punch-half',
    base: '6.12',
    why: 'the second half of a hole stays',
    change: (f) => ({
      kvm_gmem_punch_hole: given(f.kvm_gmem_punch_hole, (k, inode, start, end) => [
        k,
        inode,
        start,
        Math.ceil((start + end) / 2),
      ]),
    }),
    by: [25, 'fallocate st.g[0].pop'],
  },
  {
    id: 'punch-one-more',
    base: '6.12',
    why: 'the page behind a hole goes with it',
    change: (f) => ({
      truncate_inode_pages_range: given(f.truncate_inode_pages_range, (k, inode, start, end) => [
        k,
        inode,
        start,
        end + 1,
      ]),
    }),
    by: [10000, 'fallocate st.g[0].pop'],
  },
  {
    id: 'punch-inside-only',
    base: '6.12',
    why: 'a hole that does not end inside the file is refused',
    change: (f) => ({
      kvm_gmem_punch_hole: instead(f.kvm_gmem_punch_hole, function* (k, inode, start, end) {
        const size = yield* step('i_size_read(inode)', () => inode.size);
        return end > size ? -EINVAL : yield* f.kvm_gmem_punch_hole(k, inode, start, end);
      }),
    }),
    by: [10000, 'fallocate ret'],
  },
  {
    id: 'punch-without-zap',
    base: '6.12',
    why: 'PUNCH_HOLE does not zap',
    change: (f) => ({
      kvm_gmem_invalidate_begin: without(f.kvm_gmem_invalidate_begin, ['kvm_unmap_gfn_range']),
    }),
    by: [182, 'close_gmem st.pages_4k'],
  },
  {
    id: 'punch-zaps-private-only',
    base: '6.12',
    why: 'PUNCH_HOLE leaves SPTEs of shared gfns alone',
    change: (f) => ({
      kvm_gmem_invalidate_begin: instead(
        f.kvm_gmem_invalidate_begin,
        function* (k, file, from, to) {
          yield* without(f.kvm_gmem_invalidate_begin, ['kvm_unmap_gfn_range'])(k, file, from, to);
          const { sptes, mem_attr_array } = file.kvm;
          yield* step('zap what is private', () => {
            for (let i = from; i < Math.min(to, k.shape.pages); i++) {
              if (file.bindings.load(i) === NONE) continue;
              const { base_gfn, gmem_pgoff } = k.slots[file.bindings.load(i)]!;
              const gfn = base_gfn + i - gmem_pgoff;
              if (mem_attr_array.load(gfn) === 1 && sptes.load(gfn) >= 0) sptes.store(gfn, NONE);
            }
          });
        },
      ),
    }),
    by: [10040, 'fallocate st.pages_4k'],
  },
  {
    id: 'allocate-past-end',
    base: '6.12',
    why: 'fallocate() of pages behind the end of the file stops there, successfully',
    change: (f) => ({
      kvm_gmem_allocate: instead(f.kvm_gmem_allocate, function* (k, inode, start, end) {
        const size = yield* step('i_size_read(inode)', () => inode.size);
        return yield* f.kvm_gmem_allocate(k, inode, start, Math.min(end, size));
      }),
    }),
    by: [10000, 'fallocate ret'],
  },
  {
    id: 'allocate-does-nothing',
    base: '6.12',
    why: 'fallocate() populates nothing',
    change: (f) => ({
      kvm_gmem_allocate: given(f.kvm_gmem_allocate, (k, inode, start, end) => [
        k,
        inode,
        end,
        Math.max(start, end),
      ]),
    }),
    by: [10000, 'fallocate st.g[0].pop'],
  },
  {
    id: 'folio-not-cleared',
    base: '6.12',
    why: 'a folio is not cleared',
    change: (f) => ({
      kvm_gmem_prepare_folio: instead(
        f.kvm_gmem_prepare_folio,
        function* (k, _vm, _inode, _slot, _i, folio) {
          yield* k.kvm_gmem_mark_prepared(folio);
          return 0;
        },
      ),
    }),
    by: [25, 'guest_read got'],
  },
  {
    id: 'fault-leaves-no-page',
    base: '6.12',
    why: 'a page that a fault has made is gone from the file behind it',
    change: (f) => ({
      kvm_tdp_mmu_map: instead(f.kvm_tdp_mmu_map, function* (k, kvm, gfn, pfn, ...rest) {
        const r = yield* f.kvm_tdp_mmu_map(k, kvm, gfn, pfn, ...rest);
        if (r === RET_PF_FIXED && pfn < k.shape.folios)
          yield* step('forget the page', () => {
            const { mapping, index } = k.folios[pfn]!;
            k.inodes[mapping]!.i_pages.store(index, NONE);
          });
        return r;
      }),
    }),
    by: [10000, 'prefault st.g[0].pop'],
  },
];
