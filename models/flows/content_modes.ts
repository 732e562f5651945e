import { test } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { rememberAttributes } from '../state/conversions.js';
import { FOLIO_REF, type Inode } from '../state/structs.js';
import { KVM_SET_MEMORY_ATTRIBUTES2_ZERO } from '../uapi.js';
import { clear_highpage } from './gmem.js';
import { folio_lock, folio_unlock } from './locks.js';
import { filemap_get_folios } from './references.js';

/**
 * What a conversion says of the contents: flags of KVM_SET_MEMORY_ATTRIBUTES2 from v4 to
 * v7 of the series, gone in v8, where flags are -EINVAL. Unspecified promises nothing; for
 * sw VMs v6 scrambles the page then, so that nobody relies on it, which is left out here.
 */

const v4 = from('arch/x86/kvm/x86.c', 'gmem-inplace-conversion v4 (2026-03-26)');
const v6 = from('arch/x86/kvm/x86.c', 'gmem-inplace-conversion v6 (2026-05)');
const gmem = from('virt/kvm/guest_memfd.c', 'gmem-inplace-conversion v6 (2026-05)');

/** KVM cannot zero what it is not to read: ZERO is for to shared. SNP has nothing yet. */
export const supports_v4 = v4(function* kvm_gmem_content_mode_is_supported(
  k: Kernel,
  inode: Inode,
  attrs: number,
  mode: number,
) {
  const zero = mode === KVM_SET_MEMORY_ATTRIBUTES2_ZERO;
  return yield* test('kvm_gmem_content_mode_is_supported()', () => {
    rememberAttributes(inode);
    if (zero) return attrs === 0 && k.shape.memory !== 'snp';
    return k.shape.memory === 'sw';
  });
});

/** Encrypted memory can be preserved to private, until the guest may fault on it. */
export const supports_v6 = v6(function* kvm_gmem_content_mode_is_supported(
  k: Kernel,
  inode: Inode,
  attrs: number,
  mode: number,
) {
  const zero = mode === KVM_SET_MEMORY_ATTRIBUTES2_ZERO;
  return yield* test('kvm_gmem_content_mode_is_supported()', () => {
    rememberAttributes(inode);
    if (zero) return attrs === 0;
    return k.shape.memory === 'sw' || (attrs === 1 && !k.kvm.pre_fault_allowed);
  });
});

/** Preserving is doing nothing; so is zeroing for a TD, which the module is trusted with. */
export const apply_v4 = v4(
  function* kvm_gmem_apply_content_mode(
    k: Kernel,
    inode: Inode,
    start: number,
    end: number,
    mode: number,
  ) {
    if (k.shape.memory !== 'tdx') yield* apply(k, inode, start, end, mode);
  },
  [FOLIO_REF],
);

/** For a TD as well: a page that it was never given the module has not zeroed. */
export const apply_v6 = gmem(
  function* kvm_gmem_apply_content_mode(
    k: Kernel,
    inode: Inode,
    start: number,
    end: number,
    mode: number,
  ) {
    yield* apply(k, inode, start, end, mode);
  },
  [FOLIO_REF],
);

/** Pages that are not there need no zeroing: whoever brings them clears them. */
function* apply(k: Kernel, inode: Inode, start: number, end: number, mode: number) {
  if (mode !== KVM_SET_MEMORY_ATTRIBUTES2_ZERO) return;
  const batch = yield* filemap_get_folios(k, inode, start, end);
  for (const { number } of batch) {
    const folio = k.folios[number]!;
    yield* folio_lock(folio);
    yield* clear_highpage(folio);
    yield* folio_unlock(folio);
    yield* k.folio_put(folio);
  }
}
