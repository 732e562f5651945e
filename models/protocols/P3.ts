import { EFAULT, EINTR } from '../errno.js';
import { step } from '../../src/core/index.js';
import { folio_unlock } from '../flows/locks.js';
import { kvm_arch_vcpu_pre_fault_memory } from '../flows/prefault.js';
import { signal_pending } from '../flows/signals.js';
import { snp_launch_finish } from '../flows/sev.js';
import type { Kernel } from '../kernel.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { NONE } from '../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
} from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { P2, prepareForAll } from './P2.js';
import { bound_folio, clear_highpage, folio_test_uptodate, indexOf } from '../flows/gmem.js';

const gmem = from('virt/kvm/guest_memfd.c', 'b85524314a3d (v6.11-rc2)');

/** Only finds or creates: contents are the business of whoever uses the folio. */
const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, _prepare: boolean) {
    return yield* k.filemap_grab_folio(inode, index);
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/** Folio locked. Once per folio: clear it, hand it to the firmware, mark it. */
const kvm_gmem_prepare_folio = gmem(function* kvm_gmem_prepare_folio(
  k: Kernel,
  _kvm: Kvm,
  inode: Inode,
  _slot: Slot,
  index: number,
  folio: Folio,
) {
  if (yield* folio_test_uptodate(folio)) return 0;
  yield* clear_highpage(folio);
  const r = yield* prepareForAll(k, inode, index, folio);
  if (r === 0) yield* k.kvm_gmem_mark_prepared(folio);
  return r;
});

/** Returns the folio locked. */
export const __kvm_gmem_get_pfn = gmem(
  function* __kvm_gmem_get_pfn(
    k: Kernel,
    file: GmemFile,
    slot: Slot,
    index: number,
    _prepare: boolean,
  ) {
    return [yield* bound_folio(k, file, slot, index, false), 0] as const;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/**
 * Look-up and preparation under the folio lock alone: a hole may be punched
 * between. Whether the folio is prepared is asked inside kvm_gmem_prepare_folio();
 * from 6.11 __kvm_gmem_get_pfn() says so.
 */
const kvm_gmem_get_pfn = gmem(
  function* kvm_gmem_get_pfn(k: Kernel, kvm: Kvm, slot: Slot, gfn: number) {
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    const file = yield* k.kvm_gmem_get_file(slot);
    if (file === NONE) return -EFAULT;
    const [number, isPrepared] = yield* k.__kvm_gmem_get_pfn(k.files[file]!, slot, index, false);
    const folio = k.folios[number];
    let r = number;
    if (folio) {
      const inode = file_inode(k, k.files[file]!);
      const failed = isPrepared
        ? 0
        : yield* k.kvm_gmem_prepare_folio(kvm, inode, slot, index, folio);
      yield* folio_unlock(folio);
      if (failed) yield* k.folio_put(folio);
      r = failed || number;
    }
    yield* k.fput(k.files[file]!);
    return r;
  },
  [FOLIO_REF],
);

/** Nothing prepares the folio for populate; success is what makes it uptodate. */
const kvm_gmem_populate_one = gmem(function* kvm_gmem_populate_one(
  k: Kernel,
  slot: Slot,
  file: GmemFile,
  index: number,
  gfn: number,
  value: number,
) {
  if (yield* signal_pending(k)) return -EINTR;
  const [number] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
  if (number < 0) return number;
  const folio = k.folios[number]!;
  yield* folio_unlock(folio);
  const r = yield* k.post_populate(file.kvm, gfn, folio, value);
  if (r === 0) yield* k.kvm_gmem_mark_prepared(folio);
  yield* k.folio_put(folio);
  return r;
});

export const P3 = protocol(P2, {
  id: 'P3',
  title: 'b85524314a3d: prepare when the guest gets the page, not in fallocate',
  functions: {
    kvm_gmem_get_folio,
    kvm_gmem_prepare_folio,
    __kvm_gmem_get_pfn,
    kvm_gmem_get_pfn,
    kvm_gmem_populate_one,
    kvm_arch_vcpu_pre_fault_memory,
    snp_launch_finish,
  },
});
