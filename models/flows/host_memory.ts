import { EngineError, lock, step, test, unlock } from '../../src/core/index.js';
import { EFAULT, ENOMEM } from '../errno.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { hvaOf } from '../state/hva.js';
import { NONE, ZERO } from '../state/shape.js';
import { FOLIO_REF, type HostPage, type Slot } from '../state/structs.js';
import { mmap_read_lock, mmap_read_unlock } from './locks.js';

/**
 * The VMM's own, anonymous memory behind userspace_addr, where a test has it go:
 * a page table, the frames, and who gets a page of it. Page n of it backs gfn n, unless the
 * slot's userspace_addr says otherwise.
 */

const memory = from('mm/memory.c', '6.12');
const madvise = from('mm/madvise.c', '6.12');
const vma = from('mm/vma.c', '6.12');
const kvm_main = from('virt/kvm/kvm_main.c', '6.12.117');

const pageRef = (page: HostPage) => ({
  class: FOLIO_REF,
  instance: page.$name,
  mode: 'reference' as const,
});
const isGrabbed = (k: Kernel) => ({
  acquires: (frame: number) => (frame < 0 ? [] : [pageRef(k.pages[frame]!)]),
});

/** madvise(MADV_DONTNEED): the pages go, the VMA stays. */
export const do_madvise = madvise(function* do_madvise(k: Kernel, start: number, end: number) {
  yield* mmap_read_lock(k);
  const mapped = yield* hasVma(k, start, end);
  if (mapped) yield* k.zap_page_range_single(start, end);
  yield* mmap_read_unlock(k);
  return mapped ? 0 : -ENOMEM;
});

/** munmap(): first the VMA, then the pages. That mmap_lock is downgraded is left out. */
export const do_munmap = vma(function* do_munmap(k: Kernel, start: number, end: number) {
  const { mmap_lock, vmas } = k.mm[0]!;
  yield* lock('mmap_write_lock(mm)', mmap_lock);
  if (yield* hasVma(k, start, end)) {
    yield* step('vma_iter_clear_gfp(): the VMA is gone', () => {
      for (let i = start; i < end; i++) vmas.store(i, 0);
    });
    yield* k.zap_page_range_single(start, end);
  }
  yield* unlock('mmap_write_unlock(mm)', mmap_lock);
  return 0;
});

const hasVma = (k: Kernel, start: number, end: number) =>
  test('vma_find(mm, start, end)', () => {
    for (let i = start; i < end; i++) if (k.mm[0]!.vmas.load(i) === 1) return true;
    return false;
  });

/** Inside the notifier PTEs are cleared; pages are freed behind it, when TLBs are flushed. */
export const zap_page_range_single = memory(function* zap_page_range_single(
  k: Kernel,
  start: number,
  end: number,
) {
  yield* k.kvm_mmu_notifier_invalidate_range_start(k.kvm, start, end);
  const gathered: HostPage[] = [];
  for (let i = start; i < end; i++) {
    const frame = yield* ptep_get_and_clear(k, i);
    if (frame !== NONE) gathered.push(k.pages[frame]!);
  }
  yield* k.kvm_mmu_notifier_invalidate_range_end(k.kvm, start, end);
  for (const page of gathered) yield* put_page(page, 'tlb_finish_mmu(): put_page(page)');
});

const ptep_get_and_clear = (k: Kernel, i: number) =>
  step(
    `zap_pte_range(): ptep_get_and_clear(hva of gfn ${i})`,
    () => {
      const frame = k.mm[0]!.ptes.load(i);
      if (frame === NONE) return NONE;
      k.mm[0]!.ptes.store(i, NONE);
      k.pages[frame]!.refcount.get();
      k.pages[frame]!.refcount.putShared();
      return frame;
    },
    isGrabbed(k),
  );

export const put_page = (page: HostPage, label = 'put_page(page)') =>
  step(label, () => void page.refcount.put(), { releases: [pageRef(page)] });

/** hva_to_pfn(): the page behind a gfn, with a reference. Asynchronous faults are left out. */
export const __gfn_to_pfn_memslot = kvm_main(
  function* __gfn_to_pfn_memslot(k: Kernel, slot: Slot, gfn: number) {
    const page = k.shape.userspaceAddr
      ? yield* step('hva = __gfn_to_hva_many(slot, gfn)', () => hvaOf(k, slot, gfn))
      : gfn;
    const fast = yield* step(
      'hva_to_pfn_fast(): get_user_page_fast_only()',
      () => grab(k, page),
      isGrabbed(k),
    );
    return fast === NONE ? yield* k.hva_to_pfn_slow(page) : k.shape.folios + fast;
  },
  [FOLIO_REF],
);

/** Faults the page in, if there is a VMA still. */
export const hva_to_pfn_slow = kvm_main(
  function* hva_to_pfn_slow(k: Kernel, page: number) {
    yield* mmap_read_lock(k);
    const frame = yield* step(
      'get_user_pages_unlocked(): handle_mm_fault()',
      () => {
        if (k.mm[0]!.vmas.load(page) === 0) return -EFAULT;
        if (k.mm[0]!.ptes.load(page) === NONE) k.mm[0]!.ptes.store(page, allocate(k));
        return grab(k, page);
      },
      isGrabbed(k),
    );
    yield* mmap_read_unlock(k);
    return frame < 0 ? frame : k.shape.folios + frame;
  },
  [FOLIO_REF],
);

function grab(k: Kernel, page: number): number {
  const frame = k.mm[0]!.ptes.load(page);
  if (frame !== NONE) k.pages[frame]!.refcount.get();
  return frame;
}

/** A cleared page; one that an SPTE still names has broken S9 already. */
function allocate(k: Kernel): number {
  const frame = k.pages.findIndex((page) => page.refcount.isZero);
  if (frame < 0) throw new EngineError('too few host frames for this test');
  k.pages[frame]!.refcount.shared = 1;
  k.host.store(frame, ZERO);
  return frame;
}

export const hostMemory = {
  do_madvise,
  do_munmap,
  zap_page_range_single,
  __gfn_to_pfn_memslot,
  hva_to_pfn_slow,
};
