import { step } from '../../src/core/index.js';
import { EFAULT, EINTR } from '../errno.js';
import {
  clear_highpage,
  folio_mark_uptodate,
  folio_test_uptodate,
  indexOf,
} from '../flows/gmem.js';
import { folio_unlock } from '../flows/locks.js';
import { asksTheVm, populateLocked } from '../flows/populate_locked.js';
import * as source from '../flows/populate_source.js';
import { signal_pending } from '../flows/signals.js';
import type { Kernel } from '../kernel.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { NONE } from '../state/shape.js';
import {
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { __kvm_gmem_get_pfn } from './P3.js';
import { P7 } from './P7.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v7.0 (01f492e1817e; 8622ef05709f, 2a62345b3052)');

/** Whether the page is the guest's already is the hook's business: it is called every time. */
const kvm_gmem_prepare_folio = gmem(function* kvm_gmem_prepare_folio(
  k: Kernel,
  kvm: Kvm,
  _inode: Inode,
  slot: Slot,
  index: number,
  folio: Folio,
) {
  return yield* k.__kvm_gmem_prepare_folio(kvm, slot, index, folio);
});

/** Uptodate means cleared or populated, and no more than that. */
const kvm_gmem_get_pfn = gmem(
  function* kvm_gmem_get_pfn(k: Kernel, kvm: Kvm, slot: Slot, gfn: number) {
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    const file = yield* k.kvm_gmem_get_file(slot);
    if (file === NONE) return -EFAULT;
    const [number] = yield* k.__kvm_gmem_get_pfn(k.files[file]!, slot, index, false);
    const folio = k.folios[number];
    const inode = file_inode(k, k.files[file]!);
    const r = folio ? yield* makeUsable(k, kvm, inode, slot, index, folio) : number;
    yield* k.fput(k.files[file]!);
    return r;
  },
  [FOLIO_REF],
);

/** The rest of kvm_gmem_get_pfn(), once it has a folio, locked. */
function* makeUsable(k: Kernel, kvm: Kvm, inode: Inode, slot: Slot, index: number, folio: Folio) {
  if (!(yield* folio_test_uptodate(folio))) {
    yield* clear_highpage(folio);
    yield* folio_mark_uptodate(folio);
  }
  const failed = yield* k.kvm_gmem_prepare_folio(kvm, inode, slot, index, folio);
  yield* folio_unlock(folio);
  if (failed) yield* k.folio_put(folio);
  return failed || k.folios.indexOf(folio);
}

/** The source is pinned before the invalidate_lock, which is taken for each page anew. */
const kvm_gmem_populate = gmem(function* kvm_gmem_populate(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  npages: number,
  value: number,
  opaque?: Vcpu,
) {
  const slot = k.slots[yield* k.gfn_to_memslot(kvm, gfn)]!;
  const file = yield* k.kvm_gmem_get_file(slot);
  if (file === NONE) return -EFAULT;
  const most = yield* step(
    'slot->npages - (start_gfn - slot->base_gfn)',
    () => slot.npages - (gfn - slot.base_gfn),
  );
  let done = 0;
  let r = 0;
  while (done < Math.min(npages, most) && r === 0) {
    r = yield* populateNext(k, slot, k.files[file]!, gfn + done, value, opaque);
    if (r === 0) done++;
  }
  yield* k.fput(k.files[file]!);
  return r < 0 && done === 0 ? r : done;
});

function* populateNext(
  k: Kernel,
  slot: Slot,
  file: GmemFile,
  gfn: number,
  value: number,
  opaque?: Vcpu,
) {
  if (yield* signal_pending(k)) return -EINTR;
  if (k.shape.mmapWriters || k.shape.cowSource) yield* k.pin_source();
  else yield* step('get_user_pages_fast(src)', () => {});
  return yield* k.__kvm_gmem_populate(slot, file, gfn, value, opaque);
}

/** That the page is new is not asked here: the RMP says whether it is the guest's. */
const __kvm_gmem_populate = gmem(populateLocked(asksTheVm, true));

export const P8 = protocol(P7, {
  id: 'P8',
  title: 'Linux 7.0: every fault prepares, uptodate means cleared, populate page by page',
  functions: {
    __kvm_gmem_get_pfn,
    kvm_gmem_prepare_folio,
    kvm_gmem_get_pfn,
    kvm_gmem_populate,
    __kvm_gmem_populate,
    pin_source: source.pinForReading,
    read_source: source.sourceIsPinned,
    write_back_source: source.writeBackToPage,
  },
});
