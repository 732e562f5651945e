import { step } from '../../../src/core/index.js';
import { KVM_FILTER_PRIVATE, KVM_FILTER_SHARED } from '../../flows/tdx/mirror.js';
import type { Kernel } from '../../kernel.js';
import { from } from '../../source.js';
import { isPrivatePage } from '../../state/attributes.js';
import type { GmemFile } from '../../state/structs.js';
import { file_inode } from '../../state/vms.js';
import { invalidateBegin } from '../P1/guest_memfd.js';

/** kvm_gmem_get_invalidate_filter(): which roots a hole, a conversion or a close zaps. */

const v4 = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v4, 10/44 (2026-03-26)');
const v6 = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v6 to v8 (2026-05, 2026-06)');
const next = from('virt/kvm/guest_memfd.c', 'conversion as queued after v8 (2026-07)');

const ALL = KVM_FILTER_SHARED | KVM_FILTER_PRIVATE;

export const invalidate_both = v4(function* kvm_gmem_invalidate_begin(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  yield* invalidateBegin(k, file, start, end, ALL);
});

/** Both where the range has pages of both; outside TDX the filter says nothing. */
export const invalidate_present = v6(function* kvm_gmem_invalidate_begin(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  const filter = k.shape.memory === 'tdx' ? yield* presentIn(k, file, start, end) : ALL;
  yield* invalidateBegin(k, file, start, end, filter);
});

const presentIn = (k: Kernel, file: GmemFile, start: number, end: number) =>
  step('mt_for_each(&gi->attributes, entry, start, end - 1)', () => {
    const inode = file_inode(k, file);
    let filter = 0;
    for (let i = start; i < Math.min(end, k.shape.pages); i++)
      filter |= isPrivatePage(inode, i) ? KVM_FILTER_PRIVATE : KVM_FILTER_SHARED;
    return filter;
  });

/** A conversion names the one that the pages leave; everybody else zaps both. */
export const invalidate_named = next(function* kvm_gmem_invalidate_start(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
  filter: number = ALL,
) {
  yield* invalidateBegin(k, file, start, end, filter);
});
