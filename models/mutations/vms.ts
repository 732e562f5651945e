import { filemap_invalidate_lock, filemap_invalidate_unlock } from '../flows/locks.js';
import { clear_highpage } from '../flows/gmem.js';
import { KVM_FILTER_PRIVATE } from '../flows/tdx/mirror.js';
import type { Implementations } from '../functions.js';
import type { Kernel } from '../kernel.js';
import { prepareForAll } from '../protocols/P2.js';
import type { GmemFile } from '../state/structs.js';
import { file_inode, filesOf } from '../state/vms.js';
import { given, instead, without } from './edit.js';
import { by, of, type Mutation } from './mutation.js';

/** The files of the inode, as a loop meets them. */
const siblings = (k: Kernel, file: GmemFile): GmemFile[] => filesOf(k, file_inode(k, file));

/** Loops that end invalidations and go no further than the first file. */
const endsFirstOnly = (f: Implementations): Partial<Implementations> => ({
  kvm_gmem_invalidate_end: instead(f.kvm_gmem_invalidate_end, function* (k, file, start, end) {
    if (file === siblings(k, file)[0]) yield* f.kvm_gmem_invalidate_end(k, file, start, end);
  }),
});

/** Loops over an inode's files that go no further than the first. */
const firstOnly = (f: Implementations): Partial<Implementations> => ({
  ...endsFirstOnly(f),
  kvm_gmem_invalidate_begin: instead(
    f.kvm_gmem_invalidate_begin,
    function* (k, file, start, end, ...more) {
      if (file === siblings(k, file)[0])
        yield* f.kvm_gmem_invalidate_begin(k, file, start, end, ...more);
    },
  ),
});

/** An error of any file but the first is lost. */
const splitsFirstOnly = (f: Implementations): Partial<Implementations> => ({
  kvm_gmem_split_private: instead(f.kvm_gmem_split_private, function* (k, file, start, end) {
    const r = yield* f.kvm_gmem_split_private(k, file, start, end);
    return file === siblings(k, file)[0] ? r : 0;
  }),
});

/** Each file is split and zapped before the next one is looked at. */
const zapsBeforeNextFile = (f: Implementations): Partial<Implementations> => ({
  kvm_gmem_split_private: instead(f.kvm_gmem_split_private, function* (k, file, start, end) {
    const r = yield* f.kvm_gmem_split_private(k, file, start, end);
    if (r === 0) yield* k.kvm_gmem_zap(file, start, end, KVM_FILTER_PRIVATE);
    return r;
  }),
});

/** Several files on one inode: each loop over them, and what is one VM's alone. */
export const vms: readonly Mutation[] = [
  {
    id: 'hole-in-first-file-only',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() invalidates through the first file of the inode only',
    change: firstOnly,
    caught: by('S1', 'vms-punch-vs-fault'),
  },
  {
    id: 'conversion-in-first-file-only',
    base: 'C2',
    why: '__kvm_gmem_set_attributes() invalidates through the first file of the inode only',
    change: firstOnly,
    caught: by('S7', 'vms-convert'),
  },
  {
    id: 'failure-in-first-file-only',
    base: '6.12',
    why: 'kvm_gmem_error_folio() zaps through the first file of the inode only',
    change: firstOnly,
    caught: by('S18', 'vms-memory-failure'),
  },
  {
    id: 'ends-in-first-file-only',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() begins in every file and ends in the first only',
    change: endsFirstOnly,
    caught: by('S3', 'vms-punch-vs-fault'),
  },
  {
    id: 'ends-before-next-file',
    base: '6.12',
    why: 'an invalidation ends in one file before it begins in the next: begin, end, begin, truncate',
    change: (f) => ({
      kvm_gmem_invalidate_begin: instead(
        f.kvm_gmem_invalidate_begin,
        function* (k, file, start, end, ...more) {
          yield* f.kvm_gmem_invalidate_begin(k, file, start, end, ...more);
          if (file !== siblings(k, file).at(-1))
            yield* f.kvm_gmem_invalidate_end(k, file, start, end);
        },
      ),
      kvm_gmem_invalidate_end: instead(f.kvm_gmem_invalidate_end, function* (k, file, start, end) {
        if (file === siblings(k, file).at(-1))
          yield* f.kvm_gmem_invalidate_end(k, file, start, end);
      }),
    }),
    caught: by('S1', 'vms-punch-vs-linked-fault'),
  },
  {
    id: 'release-zaps-other-files',
    base: '6.12',
    why: 'kvm_gmem_release() zaps what other files of the inode map, too',
    change: (f) => ({
      kvm_gmem_release: instead(f.kvm_gmem_release, function* (k, inode, file) {
        yield* f.kvm_gmem_release(k, inode, file);
        yield* filemap_invalidate_lock(inode);
        for (const other of siblings(k, file)) {
          yield* k.kvm_gmem_invalidate_begin(other, 0, k.shape.pages);
          yield* k.kvm_gmem_invalidate_end(other, 0, k.shape.pages);
        }
        yield* filemap_invalidate_unlock(inode);
      }),
    }),
    caught: by('condition', 'vms-close-one'),
  },
  {
    id: 'release-evicts-inode',
    base: '6.12',
    why: 'the inode goes with the first file that is closed',
    change: (f) => ({ __fput: without(f.__fput, ['iput(inode)'], () => 1) }),
    caught: by('S1', 'vms-close-one'),
  },
  {
    id: 'binds-file-of-another-vm',
    base: '6.12',
    why: 'kvm_gmem_bind() does not compare gmem->kvm',
    change: (f) => ({
      kvm_gmem_bind: given(f.kvm_gmem_bind, (k, kvm, slot, file, pgoff) => [
        k,
        file?.kvm ?? kvm,
        slot,
        file,
        pgoff,
      ]),
    }),
    caught: by('condition', 'vms-bind-anothers'),
  },
  {
    id: 'prepares-for-all-vms',
    base: 'P3z',
    why: 'without 6dd761d92f66: prepared for every VM that has the page bound',
    change: (f) => ({
      kvm_gmem_prepare_folio: instead(
        f.kvm_gmem_prepare_folio,
        function* (k, _kvm, inode, _slot, index, folio) {
          yield* clear_highpage(folio);
          const r = yield* prepareForAll(k, inode, index, folio);
          if (r === 0) yield* k.kvm_gmem_mark_prepared(folio);
          return r;
        },
      ),
    }),
    caught: by('S5', 'prep-8-other-vm'),
    only: ['6.12'],
  },
  {
    id: 'prepares-for-one-vm',
    base: 'P3',
    why: 'with 6dd761d92f66: prepared for the VM whose fault it is',
    change: () => {
      const { kvm_gmem_prepare_folio, __kvm_gmem_prepare_folio, __kvm_gmem_get_pfn } = of('P3z');
      return { kvm_gmem_prepare_folio, __kvm_gmem_prepare_folio, __kvm_gmem_get_pfn };
    },
    caught: { test: 'prep-8-other-vm', mends: "S5: the RMP entry is the faulting VM's" },
  },
  {
    id: 'split-error-of-later-file-lost',
    base: 'H1',
    why: 'holes and conversions go on when it is not the first file that could not be split',
    change: splitsFirstOnly,
    caught: by('S11', 'huge-linked-split-fails'),
  },
  {
    id: 'split-and-zap-file-by-file',
    base: 'H1',
    why: 'one loop splits and zaps, as in Re: [RFC PATCH 08/21], Yan Zhao, 2025-06-16',
    change: zapsBeforeNextFile,
    caught: by('S11', 'huge-linked-split-fails'),
  },
  {
    id: 'failed-split-ends-first-file-only',
    base: 'H1',
    why: 'a hole that fails ends the invalidation of the first file only',
    change: endsFirstOnly,
    caught: by('S3', 'huge-linked-split-fails'),
  },
];
