import type { Race } from './race.js';

/** What is zapped and not flushed yet. */
export const tlbRaces: readonly Race[] = [
  {
    number: 'R60',
    id: 'flush-behind-mmu-lock',
    kind: 'race',
    what: 'A zap flushes when it has dropped mmu_lock. Who zaps in between finds nothing, and frees.',
    source: 'virt/kvm/kvm_main.c, kvm_handle_gfn_range(): the flush comes before KVM_MMU_UNLOCK()',
    breaks: {
      test: 'tlb-attribute-vs-punch',
      under: 'attribute-flushes-behind-mmu-lock',
      property: 'S1',
      fewest: { steps: 54, preemptions: 1 },
    },
    mended: { test: 'tlb-attribute-vs-punch', under: '6.12', by: 'a flush under mmu_lock' },
  },
  {
    number: 'R61',
    id: 'zap-yields-unflushed',
    kind: 'race',
    what: 'A zap drops mmu_lock half-way with pages zapped and not flushed; a hole truncates one.',
    source: 'arch/x86/kvm/mmu/tdp_mmu.c, tdp_mmu_iter_cond_resched(): it flushes before it yields',
    breaks: {
      test: 'tlb-zap-yields',
      under: 'zap-yields-unflushed',
      property: 'S1',
      fewest: { steps: 54, preemptions: 0 },
    },
    mended: { test: 'tlb-zap-yields', under: '6.12', by: 'a flush before each yield' },
  },
  {
    number: 'R62',
    id: 'zap-without-flush',
    kind: 'race',
    what: 'A hole zaps and does not flush: a guest reads what its freed page is used for by then.',
    source: 'virt/kvm/guest_memfd.c, kvm_gmem_invalidate_begin()',
    breaks: {
      test: 'tlb-freed-page-read',
      under: 'freed-page-read-through-tlb',
      property: 'condition',
      fewest: { steps: 95, preemptions: 1 },
    },
    mended: { test: 'tlb-freed-page-read', under: '6.12', by: 'the flush, before mmu_lock goes' },
  },
];
