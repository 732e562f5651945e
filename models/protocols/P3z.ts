import { step } from '../../src/core/index.js';
import { EEXIST, EINTR, EINVAL } from '../errno.js';
import { folio_unlock } from '../flows/locks.js';
import { kvm_mem_is_private } from '../flows/mmu.js';
import { signal_pending } from '../flows/signals.js';
import { post_populate } from '../flows/sev.js';
import type { Kernel } from '../kernel.js';
import { folio_file_pfn } from '../state/folios.js';
import { hasArchHooks } from '../state/shape.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../state/structs.js';
import { P3 } from './P3.js';
import { bound_folio, clear_highpage, folio_test_uptodate } from '../flows/gmem.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v6.11 (6dd761d92f66, de80252414f3, e4ee54479273)');

/** One VM: the one whose fault it is. */
const __kvm_gmem_prepare_folio = gmem(function* __kvm_gmem_prepare_folio(
  k: Kernel,
  kvm: Kvm,
  slot: Slot,
  index: number,
  folio: Folio,
) {
  if (!hasArchHooks(k.shape)) return 0;
  const gfn = yield* step(
    'gfn = slot->base_gfn + index - pgoff',
    () => slot.base_gfn + index - slot.gmem_pgoff,
  );
  return yield* k.kvm_arch_gmem_prepare(kvm, gfn, folio);
});

const kvm_gmem_prepare_folio = gmem(function* kvm_gmem_prepare_folio(
  k: Kernel,
  kvm: Kvm,
  _inode: Inode,
  slot: Slot,
  index: number,
  folio: Folio,
) {
  yield* clear_highpage(folio);
  const r = yield* k.__kvm_gmem_prepare_folio(kvm, slot, index, folio);
  if (r === 0) yield* k.kvm_gmem_mark_prepared(folio);
  return r;
});

/** Returns the folio locked, and whether it is prepared. */
const __kvm_gmem_get_pfn = gmem(
  function* __kvm_gmem_get_pfn(
    k: Kernel,
    file: GmemFile,
    slot: Slot,
    index: number,
    _prepare: boolean,
  ) {
    const folio = yield* bound_folio(k, file, slot, index, false);
    if (folio < 0) return [folio, 0] as const;
    const isPrepared = yield* folio_test_uptodate(k.folios[folio]!);
    return [folio, isPrepared ? 1 : 0] as const;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/**
 * A shared gfn is refused. The folio lock is dropped before the callback and not taken again
 * to mark the folio.
 * @param exists is a prepared page -EEXIST?
 */
export const populateOne = (exists: (k: Kernel) => boolean) =>
  function* kvm_gmem_populate_one(
    k: Kernel,
    slot: Slot,
    file: GmemFile,
    index: number,
    gfn: number,
    value: number,
    opaque?: Vcpu,
  ) {
    if (yield* signal_pending(k)) return -EINTR;
    const [number, isPrepared] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
    if (number < 0) return number;
    const folio = k.folios[number]!;
    yield* folio_unlock(folio);
    let r = -EEXIST;
    if (!isPrepared || !exists(k)) {
      const page = k.folios[folio_file_pfn(k.shape, number, index)]!;
      const isPrivate = yield* kvm_mem_is_private(k, file.kvm, gfn);
      r = isPrivate ? yield* k.post_populate(file.kvm, gfn, page, value, opaque) : -EINVAL;
      if (r === 0) yield* k.kvm_gmem_mark_prepared(folio);
    }
    yield* k.folio_put(folio);
    return r;
  };

const kvm_gmem_populate_one = gmem(populateOne(() => true));

export const P3z = protocol(P3, {
  id: 'P3z',
  title: 'Linux 6.11: prepare for one VM, populate only what is private and new',
  functions: {
    kvm_gmem_prepare_folio,
    __kvm_gmem_prepare_folio,
    __kvm_gmem_get_pfn,
    kvm_gmem_populate_one,
    post_populate,
  },
});
