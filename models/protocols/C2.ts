import { step } from '../../src/core/index.js';
import { EFAULT } from '../errno.js';
import { kvm_gmem_set_attributes, slot_and_file } from '../flows/conversion.js';
import {
  bound_folio,
  clear_highpage,
  folio_mark_uptodate,
  folio_test_uptodate,
  indexOf,
} from '../flows/gmem.js';
import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
  folio_unlock,
} from '../flows/locks.js';
import { kvm_gmem_has_outstanding_references } from '../flows/references.js';
import { asksTheVm, populateLocked } from '../flows/populate_locked.js';
import { pinForWriting } from '../flows/populate_source.js';
import { put_page } from '../flows/host_memory.js';
import type { Kernel } from '../kernel.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { hasArchHooks, NONE } from '../state/shape.js';
import { FOLIO_LOCK, FOLIO_REF, type GmemFile, type Kvm, type Slot } from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { C1 } from './C1/index.js';
import { is_private_mem } from './C1/attributes.js';
import { invalidate_named } from './C1/invalidate.js';
import { binding } from './P9.js';

// With the module parameter gmem_in_place_conversion on: off, attributes are the VM's, as before.
const gmem = from('virt/kvm/guest_memfd.c', 'conversion as queued after v8 (2026-07)');
const mmu = from('arch/x86/kvm/mmu/mmu.c', 'conversion as queued after v8 (2026-07)');

/** The maple tree is read under RCU: no lock, and a result that may be stale at once. */
const kvm_gmem_is_private_gfn = gmem(function* kvm_gmem_is_private_gfn(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
) {
  const found = yield* slot_and_file(k, kvm, gfn);
  if (!found) return false;
  const isPrivate = yield* is_private_mem(file_inode(k, k.files[found.file]!), found.index);
  yield* k.fput(k.files[found.file]!);
  return isPrivate;
});

/** Returns the folio locked, and cleared: for populate as well. */
const __kvm_gmem_get_pfn = gmem(
  function* __kvm_gmem_get_pfn(
    k: Kernel,
    file: GmemFile,
    slot: Slot,
    index: number,
    _prepare: boolean,
  ) {
    const number = yield* bound_folio(k, file, slot, index, false);
    const folio = k.folios[number];
    if (folio && !(yield* folio_test_uptodate(folio))) {
      yield* clear_highpage(folio);
      yield* folio_mark_uptodate(folio);
    }
    return [number, 0] as const;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** No reference is kept over the fault: only mmu_invalidate_seq guards the pfn from here on. */
const kvm_gmem_get_pfn = gmem(function* kvm_gmem_get_pfn(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  gfn: number,
) {
  const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
  const file = yield* k.kvm_gmem_get_file(slot);
  if (file === NONE) return -EFAULT;
  const inode = file_inode(k, k.files[file]!);
  yield* filemap_invalidate_lock_shared(inode);
  const r = yield* getPfnLocked(k, kvm, k.files[file]!, slot, index, gfn);
  yield* filemap_invalidate_unlock_shared(inode);
  yield* k.fput(k.files[file]!);
  return r;
});

function* getPfnLocked(
  k: Kernel,
  kvm: Kvm,
  file: GmemFile,
  slot: Slot,
  index: number,
  gfn: number,
) {
  const [number] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
  if (number < 0) return number;
  const folio = k.folios[number]!;
  const isPrivate = hasArchHooks(k.shape) && (yield* is_private_mem(file_inode(k, file), index));
  const failed = isPrivate ? yield* k.kvm_arch_gmem_prepare(kvm, gfn, folio) : 0;
  yield* folio_unlock(folio);
  yield* k.folio_put(folio);
  return failed || number;
}

/** Nothing to give back of guest_memfd; a page of the host's has a reference. */
const kvm_release_pfn_clean = mmu(
  function* kvm_mmu_finish_page_fault(k: Kernel, pfn: number) {
    if (pfn >= k.shape.folios && k.shape.hostUnmaps)
      yield* put_page(k.pages[pfn - k.shape.folios]!);
  },
  [FOLIO_REF],
);

/** Whether the gfn is private can be asked under the invalidate_lock now. */
const __kvm_gmem_populate = gmem(populateLocked(asksTheVm, false));

/** Slots are bound as in 7.3, and have no memory but the guest_memfd's. */
export const C2 = protocol(C1, {
  id: 'C2',
  title:
    'in-place conversion as queued, switched on: the attribute is read under RCU, faults keep no page',
  gmemOnly: true,
  functions: {
    ...binding,
    kvm_gmem_is_private_gfn,
    __kvm_gmem_get_pfn,
    kvm_gmem_get_pfn,
    kvm_release_pfn_clean,
    __kvm_gmem_populate,
    pin_source: pinForWriting,
    kvm_gmem_set_attributes,
    kvm_gmem_invalidate_begin: invalidate_named,
    kvm_gmem_unsafe_page: kvm_gmem_has_outstanding_references,
  },
});
