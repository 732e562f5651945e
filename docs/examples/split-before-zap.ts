// The split series (H1: "TDX huge pages", RFC v2 17/23) as a variant of its base, for holes:
// begin, split the leaves that the hole cuts, zap. What splits a leaf is x86's, and taken from H1
// as it is. One thing is left out, to see what it is for: an error of the split is not looked at.
import { protocolById, replace, variant, type Implementations } from 'gmemcheck';

const series = protocolById('H1').functions as unknown as Implementations;

export default variant(protocolById('H0'), {
  id: 'split-before-zap',
  title: 'PUNCH_HOLE splits the leaves that it cuts before it zaps',
  link: 'https://lore.kernel.org/all/20250807093950.4395-1-yan.y.zhao@intel.com/',
  adds: [
    'kvm_gmem_split_private',
    'kvm_split_cross_boundary_leafs',
    'tdp_mmu_split_huge_pages_root',
    'tdp_mmu_split_huge_page',
    'tdx_sept_split_private_spt',
  ],
  functions: (base) => ({
    kvm_gmem_split_private: series.kvm_gmem_split_private,
    kvm_split_cross_boundary_leafs: series.kvm_split_cross_boundary_leafs,
    tdp_mmu_split_huge_pages_root: series.tdp_mmu_split_huge_pages_root,
    tdp_mmu_split_huge_page: series.tdp_mmu_split_huge_page,
    tdx_sept_split_private_spt: series.tdx_sept_split_private_spt,
    kvm_gmem_punch_hole: replace(
      base.kvm_gmem_punch_hole,
      'kvm_gmem_invalidate_begin_and_zap',
      function* (k, _inode, start, end) {
        const file = k.files[0]!;
        yield* k.kvm_gmem_invalidate_begin(file, start, end);
        yield* k.kvm_gmem_split_private(file, start, end);
        yield* k.kvm_gmem_zap(file, start, end, PRIVATE | SHARED);
      },
    ),
  }),
});

/** KVM_FILTER_PRIVATE, KVM_FILTER_SHARED */
const [PRIVATE, SHARED] = [2, 1];
