import { lockQueued, step, unlock } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { hit } from '../state/bugs.js';
import { mmap_read_lock, mmap_read_unlock } from './locks.js';

/**
 * What populate copies, as far as it matters: that to get at it may take mmap_lock, where
 * somebody writes that, and whose page it is, where a test says `source=cow`.
 */
const sev = (version: string) => from('arch/x86/kvm/svm/sev.c', version);
const mmap = from('mm/mmap.c', '6.12');

/** The page behind the address belongs to another process as well, copy-on-write. */
const SHARED = 1;
const isShared = (k: Kernel): boolean => k.mm[0]!.source.load(0) === SHARED;
const isSharedPinned = (k: Kernel): boolean => k.mm[0]!.source_pinned.load(0) === SHARED;

/** The source is not mapped: copy_from_user() and get_user_pages() fault it in. */
export const faultInSource = sev('6.12.117')(function* copy_from_user(k: Kernel) {
  yield* mmap_read_lock(k);
  yield* step('handle_mm_fault(src)', () => {});
  yield* mmap_read_unlock(k);
});

/** Since 2a62345b3052 the callback gets a page. */
export const sourceIsPinned = sev('v7.0')(function* src_page(_k: Kernel) {});

const FOLL_WRITE = 1;

/** Before the invalidate_lock. Copy-on-write is broken for who asks to write. */
const pin = (flags: number) =>
  function* get_user_pages_fast(k: Kernel) {
    if (k.shape.mmapWriters) yield* faultInSource(k);
    yield* step(`get_user_pages_fast(src, ${flags ? 'FOLL_WRITE' : '0'})`, () => {
      if (!k.shape.cowSource) return;
      if (flags) k.mm[0]!.source.store(0, 0);
      k.mm[0]!.source_pinned.store(0, isShared(k) ? SHARED : 0);
    });
  };
const gmem = (version: string) => from('virt/kvm/guest_memfd.c', version);
export const pinForReading = gmem('v7.0')(pin(0));
/** may_writeback_src: the CPUID page is asked for with FOLL_WRITE, here any page. */
export const pinForWriting = gmem('7.3; [PATCH 1/3] of 2026-05-22')(pin(FOLL_WRITE));

/** The firmware has refused the CPUID page and left in it what would do: user space gets that. */
export const writeBackByAddress = sev('6.12.117')(function* copy_to_user(k: Kernel) {
  yield* step('copy_to_user(src, vaddr)', () => k.mm[0]!.source.store(0, 0));
});

/** Since 2a62345b3052 through the pinned page, whoever has that. */
export const writeBackToPage = sev('v7.0')(function* memcpy(k: Kernel) {
  yield* step('memcpy(src_vaddr, dst_vaddr)', () => {
    if (isSharedPinned(k)) hit(k, 'cowWritten');
  });
});

/** Another thread of the VMM changes its address space; what it does there is nobody's business. */
export const sys_brk = mmap(function* sys_brk(k: Kernel) {
  const { mmap_lock } = k.mm[0]!;
  yield* lockQueued('mmap_write_lock_killable(mm)', mmap_lock);
  yield* unlock('mmap_write_unlock(mm)', mmap_lock);
  return 0;
});
