import { expect, test } from 'vitest';
import { CHECKED_FAULT, FAULT, PUNCH, report } from './toy-report.js';

const HOLE_DURING_FAULT = '0*3 1*10';

test('a fault that does not check again maps a folio that the punch freed', () => {
  expect(report({ vcpu0: FAULT, host: PUNCH }, `${HOLE_DURING_FAULT} 0*2`)).toBe(`
  vcpu0                                host
  -----------------------------------  ------------------------------------
  run: write 0 1
    kvm_tdp_page_fault(0, false)
      mmu_seq = mmu_invalidate_seq /* = 0 */
      kvm_gmem_get_pfn(0)
        folio = filemap_get_folio() /* false */
        folio = filemap_alloc_folio()
                                       fallocate(PUNCH_HOLE, 0, 1)
                                         kvm_gmem_punch_hole(0, 1)
                                           filemap_invalidate_lock()
                                           kvm_gmem_invalidate_begin()
                                             write_lock(&kvm->mmu_lock)
                                             kvm_mmu_invalidate_begin(kvm)
                                             kvm_mmu_unmap_gfn_range()
                                             write_unlock(&kvm->mmu_lock)
                                           truncate_inode_pages_range()
                                           kvm_gmem_invalidate_end()
                                             write_lock(&kvm->mmu_lock)
                                             kvm_mmu_invalidate_end(kvm)
                                             write_unlock(&kvm->mmu_lock)
                                           filemap_invalidate_unlock()
                                       = 0
      read_lock(&kvm->mmu_lock)
      kvm_tdp_mmu_map(vcpu, fault)  <== BUG: S1

BUG: S1 is violated: an SPTE points to a folio that is in its inode's
filemap, or an invalidation that covers it is in progress
`);
});

test('a retry goes on in the function that loops, without naming it again', () => {
  const finding = { kind: 'witness', statement: 'host:r=0 /\\ spte[0]=present' } as const;
  const text = report({ vcpu0: CHECKED_FAULT, host: PUNCH }, `${HOLE_DURING_FAULT} 0*10`, {
    finding,
  });
  expect(text.slice(text.lastIndexOf('= 0\n      read_lock'))).toBe(`= 0
      read_lock(&kvm->mmu_lock)
      mmu_invalidate_retry_gfn() /* true */
      read_unlock(&kvm->mmu_lock) /* retry */
      mmu_seq = kvm->mmu_invalidate_seq /* = 1 */
      kvm_gmem_get_pfn(0)
        folio = filemap_get_folio() /* false */
        folio = filemap_alloc_folio()
      read_lock(&kvm->mmu_lock)
      mmu_invalidate_retry_gfn() /* false */
      kvm_tdp_mmu_map(vcpu, fault)
      read_unlock(&kvm->mmu_lock)
  = 0

Witness: host:r=0 /\\ spte[0]=present
`);
});

test('what the environment decided is a comment, errors have names', () => {
  const finding = { kind: 'witness', statement: 'vcpu0:r=-ENOMEM' } as const;
  expect(report({ vcpu0: FAULT, host: PUNCH }, '0*2 0:1', { finding })).toBe(`
  vcpu0
  -------------------------------------------------------------------------
  run: write 0 1
    kvm_tdp_page_fault(0, false)
      mmu_seq = kvm->mmu_invalidate_seq /* = 0 */
      kvm_gmem_get_pfn(0)
        folio = filemap_get_folio(mapping, index) /* false */
        folio = filemap_alloc_folio(gfp, 0) /* alloc: ENOMEM */
  = -ENOMEM

host has not begun.

Witness: vcpu0:r=-ENOMEM
`);
});

test('three actors stand side by side where their names fit', () => {
  const names = { result: () => 'done' };
  const finding = { kind: 'broken', id: 'T', statement: 'nobody gets here' } as const;
  const programs = {
    cpu0: [['bump', 'writer']],
    cpu1: [['bump', 'writer']],
    cpu2: [['twice', 'reader']],
  } as const;
  expect(report(programs, '2 0 1 2', { names, finding })).toBe(`
  cpu0                     cpu1                     cpu2
  -----------------------  -----------------------  -----------------------
                                                    reader
                                                      look() /* = 0 */
  writer
    seq++
  = done
                           writer
                             seq++
                           = done
                                                      look() /* = 2 */
                                                    = done

BUG: T is violated by the final state: nobody gets here
`);
});
