import { step } from '../../../src/core/index.js';
import { kvm_gmem_for_each_file } from '../../flows/gmem_files.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
} from '../../flows/locks.js';
import { MF_DELAYED } from '../../flows/memory_failure.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { HANDLED, type Folio, type Inode } from '../../state/structs.js';
import { ALL } from '../H0/invalidate.js';
import { H1 } from './index.js';

const gmem = from('virt/kvm/guest_memfd.c', 'Re: [RFC PATCH v2 17/23], 2025-10-13: as weighed');

/** The page that failed is the first of its folio here. Nobody can be told that a split failed. */
const kvm_gmem_error_folio = gmem(function* kvm_gmem_error_folio(
  k: Kernel,
  inode: Inode,
  folio: Folio,
) {
  yield* filemap_invalidate_lock_shared(inode);
  const start = yield* step('start = folio->index', () => folio.index);
  const files = yield* kvm_gmem_for_each_file(k, inode);
  for (const gmem of files) {
    yield* k.kvm_gmem_invalidate_begin(gmem, start, start + 1);
    yield* k.kvm_gmem_split_private(gmem, start, start + 1);
    yield* k.kvm_gmem_zap(gmem, start, start + 1, ALL);
  }
  for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, start + 1);
  yield* filemap_invalidate_unlock_shared(inode, () => folio.hwpoison.store(0, HANDLED));
  return MF_DELAYED;
});

/** SPLIT-6: what the review leaves for when it occurs. */
export const H1part = protocol(H1, {
  id: 'H1+part',
  title: 'RFC v2, but of a huge folio that fails only the page is split off and unmapped',
  functions: { kvm_gmem_error_folio },
});
