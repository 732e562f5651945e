import { EIO } from '../errno.js';
import { TDX_SUCCESS, tdh_mr_extend } from '../flows/tdx/seamcalls.js';
import { by, of, type Mutation } from './mutation.js';
import { answered, given, instead, later, without } from './edit.js';

/** Mirror and S-EPT, and who may be in the guest meanwhile. */
export const tdx: readonly Mutation[] = [
  {
    id: 'mirror-not-restored',
    base: 'P5',
    why: 'the mirror SPTE is written although the S-EPT could not be filled',
    change: (f) => ({
      set_external_spte_present: answered(f.set_external_spte_present, 'set_external_spte', 0),
    }),
    caught: by('S2', 'tdx-busy-aug'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'leaf-not-blocked',
    base: 'P7',
    why: 'a leaf is removed from the S-EPT without having been blocked',
    change: (f) => ({
      remove_external_spte: without(f.remove_external_spte, ['TDH.MEM.RANGE.BLOCK']),
    }),
    caught: by('S19', 'tdx-fault-vs-punch'),
    only: ['P7', 'P9'],
  },
  {
    id: 'leaf-not-tracked',
    base: 'P5',
    why: 'a leaf is removed from the S-EPT without TDH.MEM.TRACK',
    change: (f) => ({ remove_external_spte: without(f.remove_external_spte, ['tdx_track']) }),
    caught: by('S19', 'tdx-fault-vs-punch'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'track-without-kick',
    base: 'P5',
    why: 'vCPUs are not sent out of the guest after TDH.MEM.TRACK',
    change: (f) => ({
      tdx_track: without(f.tdx_track, [
        'kvm_make_all_cpus_request(KVM_REQ_OUTSIDE_GUEST_MODE)',
        'wait for the kicked vCPUs',
      ]),
    }),
    caught: by('S19', 'tdx-fault-vs-punch'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'vcpus-may-enter',
    base: 'P5',
    why: 'vCPUs are kicked for the second try, but not kept out of the guest',
    change: (f) => ({
      tdx_no_vcpus_enter_start: without(f.tdx_no_vcpus_enter_start, [
        'WRITE_ONCE(kvm_tdx->wait_for_sept_zap, true)',
      ]),
    }),
    caught: by('S19', 'tdx-r32-track-vs-enter'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'vcpus-kept-out',
    base: 'P5',
    why: 'vCPUs that were kept out of the guest for a second try are never let in again',
    change: (f) => {
      const letIn = ['WRITE_ONCE(kvm_tdx->wait_for_sept_zap, false)'];
      return {
        tdx_sept_zap_private_spte: without(f.tdx_sept_zap_private_spte, letIn),
        tdx_sept_drop_private_spte: without(f.tdx_sept_drop_private_spte, letIn),
        tdx_track: without(f.tdx_track, letIn),
      };
    },
    caught: by('deadlock', 'tdx-r32-track-vs-enter'),
    only: ['P5', 'P6'],
  },
  {
    id: 'fault-retried-in-the-guest',
    base: 'P5',
    why: 'the guest is entered with its fault unresolved, instead of the local retry',
    change: () => ({ tdx_handle_ept_violation: of('P5-retry').tdx_handle_ept_violation }),
    caught: by('livelock', 'tdx-r33-zero-step'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'sept-leaf-kept',
    base: 'P5',
    why: 'a zap clears the mirror SPTE and leaves the S-EPT alone',
    change: (f) => ({
      tdp_mmu_zap_mirror_leaf: without(f.tdp_mmu_zap_mirror_leaf, ['remove_external_spte']),
    }),
    caught: by('S2', 'tdx-fault-vs-punch'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'spte-not-frozen',
    base: 'P5',
    why: 'the S-EPT is filled with the mirror SPTE as it was',
    change: (f) => ({
      set_external_spte_present: without(f.set_external_spte_present, ['try_cmpxchg64'], () => 1),
    }),
    caught: by('S2', 'tdx-accept'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'page-not-measured',
    base: 'P5',
    why: 'KVM_TDX_INIT_MEM_REGION does not extend the measurement',
    change: (f) => ({
      post_populate: without(f.post_populate, ['TDH.MR.EXTEND']),
    }),
    caught: by('S14', 'tdx-populate'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'page-measured-twice',
    base: 'P5',
    why: 'KVM_TDX_INIT_MEM_REGION measures the page twice',
    change: (f) => ({
      post_populate: instead(f.post_populate, function* (k, kvm, gfn, folio, value, opaque) {
        const r = yield* f.post_populate(k, kvm, gfn, folio, value, opaque);
        return r === 0 ? ((yield* tdh_mr_extend(k, gfn)) === TDX_SUCCESS ? 0 : -EIO) : r;
      }),
    }),
    caught: by('S14', 'tdx-populate'),
    only: ['P5', 'P6', 'P7', 'P9'],
  },
  {
    id: 'premapped-not-checked',
    base: 'P5',
    why: 'KVM_TDX_FINALIZE_VM does not ask for pages that were not added',
    change: (f) => ({ tdx_td_finalize: answered(f.tdx_td_finalize, 'nr_premapped != 0', 0) }),
    caught: by('S2', 'tdx-add-busy'),
    only: ['P5', 'P6'],
  },
  {
    id: 'hole-invalidates-the-slot',
    base: 'P5',
    why: 'a hole is notified as one in the whole slot, as the review of 2022 asks about',
    change: (f) => ({
      kvm_gmem_invalidate_begin: given(f.kvm_gmem_invalidate_begin, (k, file) => [
        k,
        file,
        0,
        k.shape.pages,
      ]),
    }),
    caught: by('condition', 'tdx-convert-accepts'),
    only: ['P5', 'P9'],
  },
  {
    id: 'runnable-late',
    base: 'P5',
    why: 'pre-faults are allowed before the TD is runnable',
    change: (f) => ({ tdx_td_finalize: later(f.tdx_td_finalize, 'kvm_tdx->state = ') }),
    caught: by('S19', 'w4-barriers'),
    only: ['P5'],
  },
];
