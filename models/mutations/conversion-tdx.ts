import { EFAULT } from '../errno.js';
import { range_has_attributes, store_attributes } from '../flows/conversion.js';
import { kvm_gmem_for_each_file } from '../flows/gmem_files.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock } from '../flows/locks.js';
import * as init from '../flows/tdx/init.js';
import { KVM_FILTER_PRIVATE } from '../flows/tdx/mirror.js';
import type { Implementations } from '../functions.js';
import type { Kernel } from '../kernel.js';
import { folio_file_pfn } from '../state/folios.js';
import { septOf } from '../state/leaves.js';
import { NONE } from '../state/shape.js';
import type { Inode } from '../state/structs.js';
import { test } from '../../src/core/index.js';
import { answered, given, instead } from './edit.js';
import { by, type Mutation } from './mutation.js';

type Convert = Implementations['__kvm_gmem_set_attributes'];

/** To shared, but not where the zap has left a page in the S-EPT. */
const unlessMapped = (convert: Convert): Convert =>
  instead(convert, function* (k: Kernel, inode: Inode, start: number, end: number, attrs: number) {
    if (attrs) return yield* convert(k, inode, start, end, attrs);
    yield* filemap_invalidate_lock(inode);
    const isDone = yield* range_has_attributes(inode, start, end, attrs);
    const files = isDone ? [] : yield* kvm_gmem_for_each_file(k, inode);
    for (const gmem of files)
      yield* k.kvm_gmem_invalidate_begin(gmem, start, end, KVM_FILTER_PRIVATE);
    const left = !isDone && (yield* isInSept(k, inode, start, end));
    if (!isDone && !left) yield* store_attributes(inode, start, end, attrs);
    for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, end);
    yield* filemap_invalidate_unlock(inode);
    return left ? ([-EFAULT, start] as const) : ([0, 0] as const);
  });

const isInSept = (k: Kernel, inode: Inode, start: number, end: number) =>
  test('is a folio of the range poisoned by its zap?', () => {
    const pfns = Array.from({ length: k.shape.gfns }, (_, gfn) => septOf(k, gfn).pfn);
    for (let index = start; index < Math.min(end, k.shape.pages); index++) {
      const folio = inode.i_pages.load(index);
      if (folio !== NONE && pfns.includes(folio_file_pfn(k.shape, folio, index))) return true;
    }
    return false;
  });

/** The same of huge pages: between the zap and the folio's restructuring. */
const unlessMappedHuge = (
  restructure: Implementations['kvm_gmem_restructure_folios_in_range'],
): typeof restructure =>
  instead(
    restructure,
    function* (k: Kernel, inode: Inode, start: number, end: number, split: boolean) {
      if (split && (yield* isInSept(k, inode, start, end))) return -EFAULT;
      return yield* restructure(k, inode, start, end, split);
    },
  );

/** In-place conversion of TDs. */
export const conversionTdx: readonly Mutation[] = [
  {
    id: 'huge-convert-asks-whether-zapped',
    base: 'H2',
    why: 'a conversion of huge pages returns -EFAULT where the TDX module still has one of them',
    change: (f) => ({
      kvm_gmem_restructure_folios_in_range: unlessMappedHuge(
        f.kvm_gmem_restructure_folios_in_range,
      ),
    }),
    caught: {
      test: 'huge-convert-zap-fails',
      mends: 'as proposed on 2025-06-25 for pages of 4K',
    },
  },
  {
    id: 'convert-asks-whether-zapped',
    base: 'C2',
    why: 'a conversion to shared returns -EFAULT where the TDX module still has a page',
    change: (f) => ({ __kvm_gmem_set_attributes: unlessMapped(f.__kvm_gmem_set_attributes) }),
    caught: {
      test: 'conv-tdx-zap-fails',
      mends: 'as proposed on 2025-06-25: pages that could not be removed are marked, and asked for',
    },
  },
  {
    id: 'convert-zaps-the-other-root',
    base: 'C2',
    why: 'a conversion zaps the mappings of what the pages become',
    change: (f) => ({
      kvm_gmem_invalidate_begin: given(
        f.kvm_gmem_invalidate_begin,
        (k, file, start, end, filter) => [k, file, start, end, filter && 3 - filter],
      ),
    }),
    caught: by('S7', 'conv-tdx-vs-accept'),
  },
  {
    id: 'hole-zaps-mirror-only',
    base: 'C2',
    why: 'a hole zaps private mappings alone, as before there were shared ones',
    change: (f) => ({
      kvm_gmem_invalidate_begin: given(
        f.kvm_gmem_invalidate_begin,
        (k, file, start, end, filter) => [k, file, start, end, filter ?? KVM_FILTER_PRIVATE],
      ),
    }),
    caught: by('S1', 'conv-tdx-punch-shared'),
  },
  {
    id: 'convert-again',
    base: 'C1',
    why: 'a conversion of what is so already is done all the same',
    change: (f) => ({
      __kvm_gmem_set_attributes: answered(
        f.__kvm_gmem_set_attributes,
        'kvm_gmem_range_has_attributes()',
        0,
      ),
    }),
    caught: by('condition', 'conv-tdx-nothing-to-do'),
  },
  {
    id: 'populate-by-fault',
    base: 'C2',
    why: 'a TD is populated by way of the fault path, which takes the invalidate_lock',
    change: (f) => ({
      post_populate: instead(f.post_populate, function* (k, kvm, gfn, folio, value, opaque) {
        return yield* init.tdx_gmem_post_populate(k, kvm, gfn, folio, value, opaque);
      }),
    }),
    caught: by('deadlock', 'conv-tdx-populate'),
  },
];
