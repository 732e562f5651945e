import { step, test } from '../../../src/core/index.js';
import { isInvalidCopy } from '../../flows/memslots.js';
import { gfn_to_pfn_memslot, snapshot_mmu_seq } from '../../flows/mmu.js';
import { RET_PF_CONTINUE, RET_PF_RETRY } from '../../flows/ret_pf.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { NONE } from '../../state/shape.js';
import { FOLIO_REF, MMU_SEQ, type Kvm, type Vcpu } from '../../state/structs.js';
import { P0s } from './index.js';

const REVIEW = 'Re: [PATCH v3 kvm/queue 14/16], 2022-01-03: what it asks about';
const mmu = from('arch/x86/kvm/mmu/mmu.c', REVIEW);
const kvm_main = from('virt/kvm/kvm_main.c', `what-if on ${REVIEW}`);

/**
 * What backs a private slot is a device that the VMM has mapped: there is no page
 * cache to ask, so private and shared accesses alike take the path by hva. The pfn
 * is no private one, and is checked for staleness.
 */
const kvm_faultin_pfn = mmu(
  function* kvm_faultin_pfn(k: Kernel, _vcpu: Vcpu, slot: number, gfn: number) {
    yield* snapshot_mmu_seq(k, k.kvm);
    if (isInvalidCopy(slot)) return [RET_PF_RETRY, NONE] as const;
    if (slot === NONE) return [RET_PF_CONTINUE, NONE] as const;
    const pfn = yield* gfn_to_pfn_memslot(k, k.kvm, k.slots[slot]!, gfn);
    return pfn < 0 ? ([pfn, NONE] as const) : ([RET_PF_CONTINUE, pfn] as const);
  },
  [MMU_SEQ, FOLIO_REF],
);

export const P0hva = protocol(P0s, {
  id: 'P0s+hva',
  title: 'P0s with private slots backed by a device that the VMM has mapped',
  functions: { kvm_faultin_pfn },
});

/** @returns is a flush due? */
// eslint-disable-next-line require-yield
function* unmapsNothing() {
  return 0;
}

/** The same with parts of what the MMU notifier does left out, to see what they are for. */
export const P0hvaZap = protocol(P0hva, {
  id: 'P0s+hva-zap',
  title: 'P0s+hva, with an MMU notifier that does not unmap',
  functions: { kvm_unmap_gfn_range: kvm_main(unmapsNothing) },
});

/** Neither counted nor ended as in progress; the sequence count still advances. */
export const P0hvaBegin = protocol(P0hva, {
  id: 'P0s+hva-begin',
  title: 'P0s+hva, with an MMU notifier that does not say that it is in progress',
  functions: {
    kvm_mmu_invalidate_begin: kvm_main(function* kvm_mmu_invalidate_begin() {}),
    kvm_mmu_invalidate_range_add: kvm_main(function* kvm_mmu_invalidate_range_add() {}),
    kvm_mmu_invalidate_end: kvm_main(function* kvm_mmu_invalidate_end(_k: Kernel, kvm: Kvm) {
      yield* step('kvm->mmu_notifier_seq++', () => kvm.mmu_invalidate_seq.advance());
    }),
  },
});

/** The sequence count stays as it is; the invalidation is over all the same. */
export const P0hvaSeq = protocol(P0hva, {
  id: 'P0s+hva-seq',
  title: 'P0s+hva, with an MMU notifier that does not advance the sequence count',
  functions: {
    mmu_invalidate_retry_gfn: kvm_main(function* mmu_invalidate_retry_gfn(
      _k: Kernel,
      kvm: Kvm,
      gfn: number,
    ) {
      return yield* test('mmu_notifier_count in range', () =>
        kvm.mmu_invalidate_in_progress > 0 &&
        kvm.mmu_invalidate_range_start <= gfn &&
        gfn < kvm.mmu_invalidate_range_end);
    }),
  },
});
