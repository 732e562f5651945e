import { step } from '../../src/core/index.js';
import { RET_PF_EMULATE, RET_PF_INVALID, RET_PF_RETRY } from '../flows/ret_pf.js';
import { instead } from '../mutations/edit.js';
import { runningSptep } from '../state/roots.js';
import { MMIO, MMIO_OLD, NONE } from '../state/shape.js';
import { dropTlb } from '../state/tlb.js';
import { replace } from '../variants/rewrite.js';
import { RECORDED, type Finer } from './finer.js';

/** Invalidations, SPTEs and TLBs. */
export const finerFaults: readonly Finer[] = [
  {
    id: 'range-in-two',
    why: 'the range of an invalidation is stored start first; an end that is unset is far off',
    change: (f) => ({
      kvm_mmu_invalidate_begin: replace(
        f.kvm_mmu_invalidate_begin,
        'kvm->mmu_invalidate_range = INVALID_GPA',
        function* (k, kvm) {
          yield* step('kvm->mmu_invalidate_range_start = INVALID_GPA', () => {
            kvm.mmu_invalidate_range_start = NONE;
          });
          yield* step('kvm->mmu_invalidate_range_end = INVALID_GPA', () => {
            kvm.mmu_invalidate_range_end = k.shape.gfns;
          });
        },
      ),
      kvm_mmu_invalidate_range_add: instead(
        f.kvm_mmu_invalidate_range_add,
        function* (_k, kvm, start, end) {
          const isEmpty = yield* step('kvm->mmu_invalidate_range_start', () => {
            const low = kvm.mmu_invalidate_range_start;
            kvm.mmu_invalidate_range_start = low === NONE ? start : Math.min(low, start);
            return low === NONE ? 1 : 0;
          });
          yield* step('kvm->mmu_invalidate_range_end', () => {
            const high = kvm.mmu_invalidate_range_end;
            kvm.mmu_invalidate_range_end = isEmpty ? end : Math.max(high, end);
          });
        },
      ),
    }),
    tests: [
      'fault-vs-punch-sw',
      'attribute-vs-fault',
      'attribute-two-pages',
      'punch-vs-attribute-elsewhere',
    ],
    versions: RECORDED,
  },
  {
    id: 'mmio-check-in-two',
    why: 'an MMIO SPTE is read, and its generation compared behind that; SRCU keeps the update',
    change: (f) => ({
      handle_mmio_page_fault: instead(f.handle_mmio_page_fault, function* (k, kvm, gfn) {
        const spte = yield* step('sptep = get_mmio_spte(); is_mmio_spte()', () =>
          kvm.sptes.load(runningSptep(k, gfn)),
        );
        if (spte !== MMIO && spte !== MMIO_OLD) return RET_PF_RETRY;
        return yield* step('check_mmio_spte()', () =>
          spte === MMIO && kvm.memslots_updating.load(0) === 0 ? RET_PF_EMULATE : RET_PF_INVALID,
        );
      }),
    }),
    tests: ['mmio-spte', 'mmio-stale', 'mmio-delete-slot'],
    versions: RECORDED,
  },
  {
    id: 'mmio-made-in-two',
    why: 'an MMIO SPTE gets its generation, and is stored behind that; SRCU keeps the update',
    change: (f) => ({
      kvm_tdp_mmu_map: replace(f.kvm_tdp_mmu_map, 'make_mmio_spte()', function* (k, kvm, gfn) {
        const isOld = yield* step('make_mmio_spte()', () => kvm.memslots_updating.load(0));
        yield* step('tdp_mmu_set_spte_atomic()', () => {
          const isOldNow = isOld || kvm.memslots_updating.load(0);
          kvm.sptes.store(runningSptep(k, gfn), isOldNow ? MMIO_OLD : MMIO);
        });
      }),
    }),
    tests: ['mmio-spte', 'mmio-stale', 'mmio-delete-slot'],
    versions: RECORDED,
  },
  {
    id: 'flush-one-by-one',
    why: 'vCPUs are kicked out of the guest to flush one after the other',
    change: (f) => ({
      kvm_flush_remote_tlbs: instead(f.kvm_flush_remote_tlbs, function* (k, kvm) {
        for (const [i, vcpu] of k.vcpus.entries())
          yield* step(`kvm_make_vcpu_request(vcpu${i}, KVM_REQ_TLB_FLUSH)`, () => {
            if (vcpu.kvm === kvm) dropTlb(k, vcpu);
          });
      }),
    }),
    tests: ['tlb-two-vcpus'],
    versions: RECORDED,
  },
];
