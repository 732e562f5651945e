// "[PATCH v3 kvm/queue 14/16] KVM: Handle page fault for private memory" (Chao Peng,
// 2021-12-23), as a change of the code that was merged two years later: a fault on
// private memory skips is_page_fault_stale(), since the memfd keeps its page.
import { protocolById, replace, variant } from 'gmemcheck';

export default variant(protocolById('P1'), {
  id: 'private-faults-v3',
  title: 'private pfns skip is_page_fault_stale(), as in v3 14/16',
  link: 'https://lore.kernel.org/all/20211223123011.41044-15-chao.p.peng@linux.intel.com/',
  functions: (base) => ({
    kvm_tdp_mmu_page_fault: replace(
      base.kvm_tdp_mmu_page_fault,
      'is_page_fault_stale',
      function* (k, vcpu, slot, gfn, isPrivate) {
        if (isPrivate) return false;
        return yield* k.is_page_fault_stale(vcpu, slot, gfn);
      },
    ),
  }),
});
