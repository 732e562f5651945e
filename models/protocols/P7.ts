import { NONE } from '../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type Inode,
  type Kvm,
  type Vcpu,
} from '../state/structs.js';
import type { Kernel } from '../kernel.js';
import { filemap_lock_folio } from '../flows/filemap.js';
import { __kvm_set_memory_region } from '../flows/memslots.js';
import * as sev from '../flows/sev.js';
import * as tdx from '../flows/tdx/v6_19.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { P6 } from './P6.js';

const gmem = from('virt/kvm/guest_memfd.c', 'v6.19 (as in 01f492e1817e)');

/** Looks first whether the folio is there, so as not to look for a NUMA policy. */
const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, _prepare: boolean) {
    const folio = yield* k.filemap_lock_folio(inode, index);
    return folio === NONE ? yield* k.filemap_grab_folio(inode, index) : folio;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

const post_populate = gmem(function* post_populate(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  folio: Folio,
  value: number,
  opaque?: Vcpu,
) {
  return k.shape.memory === 'tdx'
    ? yield* tdx.tdx_gmem_post_populate(k, kvm, gfn, folio, value, opaque)
    : yield* sev.post_populate(k, kvm, gfn, folio, value);
});

export const P7 = protocol(P6, {
  id: 'P7',
  title: 'Linux 6.19: inodes of their own file system; TDX: no page references, map by pfn',
  septHoldsPages: false,
  functions: {
    __kvm_set_memory_region,
    filemap_lock_folio,
    kvm_gmem_get_folio,
    post_populate,
    set_external_spte: tdx.tdx_sept_set_private_spte,
    remove_external_spte: tdx.tdx_sept_remove_private_spte,
    tdx_mem_page_add: tdx.tdx_mem_page_add,
    kvm_tdp_mmu_map_private_pfn: tdx.kvm_tdp_mmu_map_private_pfn,
    tdx_vm_ioctl: tdx.tdx_vm_ioctl,
    tdx_td_finalize: tdx.tdx_td_finalize,
    tdx_vcpu_init_mem_region: tdx.tdx_vcpu_init_mem_region,
    tdx_vcpu_init: tdx.tdx_vcpu_init,
    tdx_td_vcpu_init: tdx.tdx_td_vcpu_init,
  },
});
