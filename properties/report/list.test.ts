import { expect, test } from 'vitest';
import { CLOSE, FAULT, PUNCH, report } from './toy-report.js';

test('five actors are listed, and who comes back late is told where it was', () => {
  const programs = { vcpu0: FAULT, host0: PUNCH, host1: CLOSE, vcpu1: FAULT, vcpu2: FAULT };
  expect(report(programs, '0*3 1*2 3 2 1*8 4*2 0*2')).toBe(`
  vcpu0  run: write 0 1
  vcpu0    kvm_tdp_page_fault(0, false)
  vcpu0      mmu_seq = kvm->mmu_invalidate_seq /* = 0 */
  vcpu0      kvm_gmem_get_pfn(0)
  vcpu0        folio = filemap_get_folio(mapping, index) /* false */
  vcpu0        folio = filemap_alloc_folio(gfp, 0)
  host0  fallocate(PUNCH_HOLE, 0, 1)
  host0    kvm_gmem_punch_hole(0, 1)
  host0      filemap_invalidate_lock(inode->i_mapping)
  host0      kvm_gmem_invalidate_begin()
  host0        write_lock(&kvm->mmu_lock)
  vcpu1  run: write 0 1
  vcpu1    kvm_tdp_page_fault(0, false)
  vcpu1      mmu_seq = kvm->mmu_invalidate_seq /* = 0 */
  host1  close(gmem_fd)
  host1    mutex_lock(&kvm->slots_lock)
  host0        kvm_mmu_invalidate_begin(kvm)
  host0        kvm_mmu_unmap_gfn_range(kvm, &range)
  host0        write_unlock(&kvm->mmu_lock)
  host0      truncate_inode_pages_range(inode->i_mapping, start, end - 1)
  host0      kvm_gmem_invalidate_end()
  host0        write_lock(&kvm->mmu_lock)
  host0        kvm_mmu_invalidate_end(kvm)
  host0        write_unlock(&kvm->mmu_lock)
  host0      filemap_invalidate_unlock(inode->i_mapping)
  host0  = 0
  vcpu2  run: write 0 1
  vcpu2    kvm_tdp_page_fault(0, false)
  vcpu2      mmu_seq = kvm->mmu_invalidate_seq /* = 1 */
  vcpu2      kvm_gmem_get_pfn(0)
  vcpu2        folio = filemap_get_folio(mapping, index) /* false */
  vcpu0      /* in kvm_tdp_page_fault() */
  vcpu0      read_lock(&kvm->mmu_lock)
  vcpu0      kvm_tdp_mmu_map(vcpu, fault)  <== BUG: S1

BUG: S1 is violated: an SPTE points to a folio that is in its inode's
filemap, or an invalidation that covers it is in progress
`);
});

test('three actors are listed when columns would not hold their names', () => {
  const text = report({ vcpu0: FAULT, vcpu1: FAULT, host: PUNCH }, '0 1 2', {
    finding: { kind: 'witness', statement: 'w' },
  });
  expect(text).toBe(`
  vcpu0  run: write 0 1
  vcpu0    kvm_tdp_page_fault(0, false)
  vcpu0      mmu_seq = kvm->mmu_invalidate_seq /* = 0 */
  vcpu1  run: write 0 1
  vcpu1    kvm_tdp_page_fault(0, false)
  vcpu1      mmu_seq = kvm->mmu_invalidate_seq /* = 0 */
  host   fallocate(PUNCH_HOLE, 0, 1)
  host     kvm_gmem_punch_hole(0, 1)
  host       filemap_invalidate_lock(inode->i_mapping)

Witness: w
`);
});
