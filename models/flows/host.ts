import { again, step, test } from '../../src/core/index.js';
import type { Kernel } from '../kernel.js';
import { from } from '../source.js';
import { NONE } from '../state/shape.js';
import type { Folio, Inode } from '../state/structs.js';
import { SIGBUS } from '../uapi.js';
import { folioRef, folio_unlock, mmap_read_lock, mmap_read_unlock } from './locks.js';
import { VM_FAULT_NONE, VM_FAULT_OOM } from './vm_fault.js';

const fault = from('arch/x86/mm/fault.c', '6.12.117');
const memory = from('mm/memory.c', '6.12.117');
const truncate = from('mm/truncate.c', '6.12.117');

/** What an access observes where there is no PTE. */
const NO_PTE = -2;

/**
 * One access of the VMM through its mapping of a guest_memfd, repeated until it
 * finds a PTE or is answered by a signal. A PTE that is there may be written
 * through: nobody tracks dirty pages of such a mapping.
 * @returns 0 or SIGBUS, word read
 */
export const exc_page_fault = fault(function* exc_page_fault(
  k: Kernel,
  inode: Inode,
  index: number,
  write: boolean,
  value: number,
) {
  const access = write ? `write mapping[${index}] = ${value}` : `read mapping[${index}]`;
  const word = yield* step(`user: ${access}`, () => accessMapped(k, inode, index, write, value));
  if (word !== NO_PTE) return [0, word] as const;
  const r = yield* k.do_user_addr_fault(inode, index);
  if (r !== VM_FAULT_NONE && r !== VM_FAULT_OOM) return [SIGBUS, 0] as const;
  return yield* again();
});

function accessMapped(k: Kernel, inode: Inode, index: number, write: boolean, value: number) {
  const number = index < k.shape.pages ? inode.host_ptes.load(index) : NONE;
  if (number === NONE) return NO_PTE;
  const folio = k.folios[number]!;
  if (write) folio.content = value;
  return folio.content;
}

/**
 * The lock of the VMA alone is not enough: guest_memfd has no ->map_pages(), so
 * vmf_can_call_fault() sends the fault back for mmap_lock.
 */
export const do_user_addr_fault = fault(function* do_user_addr_fault(
  k: Kernel,
  inode: Inode,
  index: number,
) {
  yield* mmap_read_lock(k);
  const r = yield* k.do_fault(inode, index);
  yield* mmap_read_unlock(k);
  return r;
});

/** do_read_fault() and do_shared_fault(): the folio is locked until behind the PTE. */
export const do_fault = memory(function* do_fault(k: Kernel, inode: Inode, index: number) {
  const number = yield* k.kvm_gmem_fault_user_mapping(inode, index);
  if (number < 0) return number;
  const folio = k.folios[number]!;
  const isMapped = yield* finish_fault(k, inode, index, folio);
  yield* folio_unlock(folio);
  if (!isMapped) yield* k.folio_put(folio);
  return VM_FAULT_NONE;
});

/** Under the page-table lock: the PTE takes over the reference that the fault has. */
const finish_fault = (k: Kernel, inode: Inode, index: number, folio: Folio) =>
  test(
    'finish_fault(): pte_none(); set_pte_at()',
    () => {
      if (inode.host_ptes.load(index) !== NONE) return false;
      inode.host_ptes.store(index, k.folios.indexOf(folio));
      folio.refcount.shared++;
      folio.refcount.put();
      return true;
    },
    { releases: (mapped) => (mapped ? [folioRef(folio)] : []) },
  );

/**
 * Clears PTEs without any lock that a fault holds; the pages' references are
 * dropped when the TLBs have been flushed.
 */
export const unmap_mapping_pages = memory(function* unmap_mapping_pages(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
) {
  const cleared: Folio[] = [];
  for (let index = start; index < Math.min(end, k.shape.pages); index++) {
    const number = yield* ptep_get_and_clear(k, inode, index);
    if (number !== NONE) cleared.push(k.folios[number]!);
  }
  for (const folio of cleared) yield* k.folio_put(folio);
});

const ptep_get_and_clear = (k: Kernel, inode: Inode, index: number) =>
  step(
    `zap_pte_range(): ptep_get_and_clear([${index}])`,
    () => {
      const number = inode.host_ptes.load(index);
      if (number === NONE) return NONE;
      inode.host_ptes.store(index, NONE);
      k.folios[number]!.refcount.putShared();
      k.folios[number]!.refcount.get();
      return number;
    },
    { sort: 'folio', acquires: (f) => (f === NONE ? [] : [folioRef(k.folios[f]!)]) },
  );

/** Folio locked: its PTEs go before it leaves the filemap. */
export const truncate_cleanup_folio = truncate(function* truncate_cleanup_folio(
  k: Kernel,
  inode: Inode,
  folio: Folio,
  index: number,
) {
  const isMapped = yield* test('folio_mapped(folio)', () =>
    inode.host_ptes.load(index) === k.folios.indexOf(folio));
  if (isMapped) yield* k.unmap_mapping_pages(inode, index, index + 1);
});
