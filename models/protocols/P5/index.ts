import { again } from '../../../src/core/index.js';
import { EINTR, EIO, ENOENT, EOPNOTSUPP } from '../../errno.js';
import { unmapSlots } from '../../flows/attributes.js';
import { RET_PF_EMULATE, RET_PF_FIXED, RET_PF_RETRY, RET_PF_SPURIOUS } from '../../flows/ret_pf.js';
import * as prefault from '../../flows/prefault.js';
import * as sev from '../../flows/sev.js';
import { signal_pending } from '../../flows/signals.js';
import * as init from '../../flows/tdx/init.js';
import * as mirror from '../../flows/tdx/mirror.js';
import * as sept from '../../flows/tdx/sept.js';
import * as run from '../../flows/tdx/vcpu.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import type { Folio, GmemFile, Kvm, Vcpu } from '../../state/structs.js';
import { invalidateBegin } from '../P1/guest_memfd.js';
import { P4 } from '../P4.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v6.16');
const x86 = from('arch/x86/kvm/mmu/mmu.c', 'v6.16');

/** guest_memfd backs private memory only, so shared mappings stay. */
const kvm_gmem_invalidate_begin = gmem(function* kvm_gmem_invalidate_begin(
  k: Kernel,
  file: GmemFile,
  start: number,
  end: number,
) {
  yield* invalidateBegin(k, file, start, end, mirror.KVM_FILTER_PRIVATE);
});

/** What is unmapped is what the gfns were before. */
const kvm_pre_set_memory_attributes = x86(function* kvm_arch_pre_set_memory_attributes(
  k: Kernel,
  kvm: Kvm,
  start: number,
  end: number,
  slots: number,
  attrs: number,
) {
  const old = attrs ? mirror.KVM_FILTER_SHARED : mirror.KVM_FILTER_PRIVATE;
  yield* unmapSlots(k, kvm, start, end, slots, old);
});

/** A dead VM ends the loop as well. */
const kvm_tdp_map_page = x86(function* kvm_tdp_map_page(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isPrivate: boolean,
) {
  if (!(yield* prefault.faultsOnTdp(k, vcpu))) return -EOPNOTSUPP;
  if (yield* signal_pending(k)) return -EINTR;
  if (k.shape.memory === 'tdx' && (yield* run.isVmDead(k))) return -EIO;
  const r = yield* k.kvm_mmu_do_page_fault(vcpu, gfn, isPrivate, true);
  if (r === RET_PF_RETRY) return yield* again();
  if (r < 0) return r;
  if (r === RET_PF_FIXED || r === RET_PF_SPURIOUS) return 0;
  return r === RET_PF_EMULATE ? -ENOENT : -EIO;
});

/** smp_rmb() stands between the two loads, but in the S-EPT's map hook. */
const kvm_arch_vcpu_pre_fault_memory = x86(function* kvm_arch_vcpu_pre_fault_memory(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
  isAlias?: boolean,
  npages?: number,
) {
  if (k.shape.memory === 'tdx') yield* sept.loadStateEarly(k);
  return yield* prefault.kvm_arch_vcpu_pre_fault_memory(k, vcpu, gfn, isAlias, npages);
});

const post_populate = gmem(function* post_populate(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  folio: Folio,
  value: number,
  opaque?: Vcpu,
) {
  return k.shape.memory === 'tdx'
    ? yield* init.tdx_gmem_post_populate(k, kvm, gfn, folio, value, opaque)
    : yield* sev.post_populate(k, kvm, gfn, folio, value);
});

/** The first kernel that runs TDs: mirror and S-EPT, and a reference for each S-EPT leaf. */
export const P5 = protocol(P4, {
  id: 'P5',
  title: 'Linux 6.16: TDX; private memory in a mirror root and the S-EPT',
  kinds: ['sw', 'snp', 'tdx'],
  septHoldsPages: true,
  functions: {
    kvm_gmem_invalidate_begin,
    kvm_pre_set_memory_attributes,
    kvm_tdp_map_page,
    kvm_arch_vcpu_pre_fault_memory,
    kvm_mmu_reload: prefault.kvm_mmu_reload_obsolete,
    post_populate,
    vcpu_run: run.vcpu_run,
    kvm_tdp_mmu_map: mirror.kvm_tdp_mmu_map,
    kvm_unmap_gfn_range: mirror.kvm_unmap_gfn_range,
    set_external_spte_present: mirror.set_external_spte_present,
    tdp_mmu_zap_mirror_leaf: mirror.tdp_mmu_zap_mirror_leaf,
    set_external_spte: sept.tdx_sept_set_private_spte,
    remove_external_spte: sept.tdx_sept_remove_private_spte,
    tdx_handle_ept_violation: run.tdx_handle_ept_violation,
    tdx_mem_page_aug: sept.tdx_mem_page_aug,
    tdx_mem_page_record_premap_cnt: sept.tdx_mem_page_record_premap_cnt,
    tdx_sept_zap_private_spte: sept.tdx_sept_zap_private_spte,
    tdx_sept_drop_private_spte: sept.tdx_sept_drop_private_spte,
    tdx_track: sept.tdx_track,
    tdx_no_vcpus_enter_start: sept.tdx_no_vcpus_enter_start,
    tdx_vcpu_init_mem_region: init.tdx_vcpu_init_mem_region,
    tdx_vm_ioctl: init.tdx_vm_ioctl,
    tdx_td_finalize: init.tdx_td_finalize,
    tdx_vcpu_init: init.tdx_vcpu_init,
    tdx_td_vcpu_init: init.tdx_td_vcpu_init,
  },
});
