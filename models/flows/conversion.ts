import { choose, step, test } from '../../src/core/index.js';
import { EAGAIN, EINVAL, ENOMEM, EOPNOTSUPP } from '../errno.js';
import { INVALID_COPY } from './memslots.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { isPrivatePage } from '../state/attributes.js';
import { judgeConversion, rememberAttributes } from '../state/conversions.js';
import { hasArchHooks, NONE } from '../state/shape.js';
import { FOLIO_REF, type Inode, type Kvm } from '../state/structs.js';
import { indexOf } from './gmem.js';
import { kvm_gmem_for_each_file } from './gmem_files.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock } from './locks.js';
import { filemap_get_folios } from './references.js';
import { KVM_FILTER_PRIVATE, KVM_FILTER_SHARED } from './tdx/mirror.js';

const gmem = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v4, 10/44 (2026-03-26)');

/**
 * KVM_SET_MEMORY_ATTRIBUTES2 on a guest_memfd; an error says which page it met.
 * @param hasModes are there flags, which are a content mode?
 */
const setAttributes = (hasModes: boolean) =>
  function* kvm_gmem_set_attributes(
    k: Kernel,
    inode: Inode,
    start: number,
    npages: number,
    attrs: number,
    flags: number = 0,
  ) {
    if (flags && !hasModes) return [-EINVAL, 0] as const;
    const size = yield* step('i_size_read(inode)', () => inode.size);
    if (npages <= 0 || start + npages > size) return [-EINVAL, 0] as const;
    return yield* k.__kvm_gmem_set_attributes(inode, start, start + npages, attrs, flags);
  };

export const kvm_gmem_set_attributes = from(
  'virt/kvm/guest_memfd.c',
  'gmem-inplace-conversion v8 (2026-06)',
)(setAttributes(false));
export const kvm_gmem_set_attributes_modes = gmem(setAttributes(true));

/** The invalidate_lock keeps out holes, other conversions, and whoever looks a folio up. */
export const __kvm_gmem_set_attributes = gmem(function* __kvm_gmem_set_attributes(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
  attrs: number,
  flags: number = 0,
) {
  yield* filemap_invalidate_lock(inode);
  const [r, error] = yield* convert(k, inode, { start, end, attrs, flags });
  yield* filemap_invalidate_unlock(inode, () =>
    judgeConversion(k, inode, { start, end, attrs }, [r, error]),
  );
  return [r, error] as const;
});

/** What user space asks for; flags are a content mode. */
interface Asked {
  readonly start: number;
  readonly end: number;
  readonly attrs: number;
  readonly flags: number;
}

/**
 * Nothing that the guest could tell has been done before the refcounts are found safe.
 * Which roots are zapped is for kvm_gmem_invalidate_begin() to say: all of them, those of
 * which there is something in the range, or (as queued) those that the pages are to leave.
 */
function* convert(k: Kernel, inode: Inode, { start, end, attrs, flags }: Asked) {
  if (flags && !(yield* k.kvm_gmem_content_mode_is_supported(inode, attrs, flags)))
    return [-EOPNOTSUPP, start] as const;
  if (yield* range_has_attributes(inode, start, end, attrs)) {
    // The mode is for all of the range, whether anything changes or not.
    if (flags) yield* k.kvm_gmem_apply_content_mode(inode, start, end, flags);
    return [0, 0] as const;
  }
  if (yield* mas_preallocate_fails(k)) return [-ENOMEM, start] as const;
  if (attrs) {
    if (k.shape.mmap) yield* k.unmap_mapping_pages(inode, start, end);
    const unsafe = yield* k.kvm_gmem_unsafe_page(inode, start, end);
    if (unsafe !== NONE) return [-EAGAIN, unsafe] as const;
  }
  const files = yield* kvm_gmem_for_each_file(k, inode);
  const filter = attrs ? KVM_FILTER_SHARED : KVM_FILTER_PRIVATE;
  for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, start, end, filter);
  if (!attrs) yield* k.kvm_gmem_make_shared(inode, start, end);
  if (flags) yield* k.kvm_gmem_apply_content_mode(inode, start, end, flags);
  yield* store_attributes(inode, start, end, attrs);
  for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, end);
  return [0, 0] as const;
}

/** One step: whoever stores holds the invalidate_lock. */
export const range_has_attributes = (inode: Inode, start: number, end: number, attrs: number) =>
  test('kvm_gmem_range_has_attributes()', () => {
    rememberAttributes(inode);
    for (let i = start; i < end; i++) if (isPrivatePage(inode, i) !== (attrs === 1)) return false;
    return true;
  });

export function* mas_preallocate_fails(k: Kernel) {
  if (k.shape.faults === 0) return false;
  const failed = yield* choose('mas_preallocate(&mas)', [
    { name: '', cost: 0 },
    { name: '-ENOMEM', cost: 1 },
  ]);
  return failed !== 0;
}

/** A range is one entry of the maple tree, and replaces what it covers at once. */
export const store_attributes = (inode: Inode, start: number, end: number, attrs: number) =>
  step(`mas_store_prealloc([${start}..${end - 1}])`, () => {
    for (let i = start; i < end; i++) inode.attributes.store(i, attrs);
  });

/** The one file on the inode's list, which changes under the invalidate_lock. */
/** Under SNP the pages go back to the host before the attribute says so. */
export const kvm_gmem_make_shared = gmem(
  function* kvm_gmem_invalidate(k: Kernel, inode: Inode, start: number, end: number) {
    if (!hasArchHooks(k.shape)) return;
    const batch = yield* filemap_get_folios(k, inode, start, end);
    for (const { number } of batch) yield* k.kvm_arch_gmem_invalidate(k.folios[number]!);
    for (const { number } of batch) yield* k.folio_put(k.folios[number]!);
  },
  [FOLIO_REF],
);

/**
 * What the inode says of the page behind a gfn: shared where there is none. The
 * INVALID copy of a slot has no file, so a slot that is being deleted has no
 * private gfn any more.
 */
export const slot_and_file = function* (k: Kernel, kvm: Kvm, gfn: number) {
  const number = yield* k.gfn_to_memslot(kvm, gfn);
  if (number === NONE || number >= INVALID_COPY) return undefined;
  const slot = k.slots[number]!;
  const file = yield* k.kvm_gmem_get_file(slot);
  if (file === NONE) return undefined;
  const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
  return { file, index };
};
