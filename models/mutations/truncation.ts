import { given, later, without } from './edit.js';
import { by, type Mutation } from './mutation.js';

/** How pages leave the filemap, and their frames the RMP. */
export const truncation: readonly Mutation[] = [
  {
    id: 'rmp-not-given-back',
    base: '6.12',
    why: 'free_folio() does not give the frame back in the RMP',
    change: (f) => ({ free_folio: without(f.free_folio, ['kvm_arch_gmem_invalidate']) }),
    caught: by('S4', 'fault-vs-punch'),
  },
  {
    id: 'rmp-after-unlock',
    base: '6.12',
    why: 'truncation unlocks the folio before the file system frees it',
    change: (f) => ({ truncate_first_pass: later(f.truncate_first_pass, 'free_folio') }),
    caught: by('S4', 'punch-loses-data'),
  },
  {
    id: 'edges-not-looked-at',
    base: '6.12',
    why: 'truncation leaves the look at the first and last page out',
    change: (f) => ({
      truncate_inode_pages_range: without(f.truncate_inode_pages_range, ['truncate_edge']),
    }),
    caught: { equivalent: 'whole pages are what the second pass waits for anyway' },
  },
  {
    id: 'truncates-a-page-less',
    base: '6.12',
    why: 'the truncation takes its end for inclusive',
    change: (f) => ({
      truncate_inode_pages_range: given(f.truncate_inode_pages_range, (k, inode, start, end) => [
        k,
        inode,
        start,
        Math.max(start + 1, end - 1),
      ]),
    }),
    caught: by('condition', 'allocate-vs-punch'),
  },
  {
    id: 'rmp-before-removal',
    base: '6.12',
    why: 'filemap_remove_folio() tells the file system before it removes the folio',
    change: (f) => ({
      filemap_remove_folio: later(f.filemap_remove_folio, '__filemap_remove_folio'),
    }),
    caught: {
      equivalent: 'whoever finds the folio waits for its lock, and then sees that it is gone',
    },
  },
];
