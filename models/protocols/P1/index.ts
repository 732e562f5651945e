import * as mmu from '../../flows/mmu.js';
import * as files from '../../flows/files.js';
import { __kvm_set_memory_region_both } from '../../flows/memslots.js';
import * as failure from '../../flows/memory_failure.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { memoryAttributes } from '../common.js';
import { P0 } from '../P0/index.js';
import * as binding from './binding.js';
import { kvm_faultin_pfn, kvm_mmu_page_fault } from './faultin.js';
import * as gmem from './guest_memfd.js';

/** guest_memfd as merged: an attribute array, and every pfn is stale-checked. */
export const P1 = protocol(P0, {
  id: 'P1',
  title: 'Linux 6.8 before -rc6: guest_memfd with memory attributes',
  kinds: ['sw'],
  lacks: ['KVM_PRE_FAULT_MEMORY', 'KVM_SEV_SNP_LAUNCH_UPDATE', 'KVM_SEV_SNP_LAUNCH_FINISH'],
  functions: {
    ...memoryAttributes,
    kvm_mmu_page_fault,
    kvm_tdp_mmu_page_fault: mmu.kvm_tdp_mmu_page_fault,
    kvm_faultin_pfn,
    kvm_faultin_pfn_private: mmu.kvm_faultin_pfn_private,
    vfs_fallocate: files.vfs_fallocate,
    __kvm_set_memory_region: __kvm_set_memory_region_both,
    memory_failure: failure.memory_failure,
    me_pagecache_clean: failure.me_pagecache_clean,
    kvm_gmem_error_folio: failure.kvm_gmem_error_folio,
    kvm_gmem_get_folio: gmem.kvm_gmem_get_folio,
    kvm_gmem_mark_prepared: gmem.kvm_gmem_mark_prepared,
    kvm_gmem_invalidate_begin: gmem.kvm_gmem_invalidate_begin,
    kvm_gmem_invalidate_end: gmem.kvm_gmem_invalidate_end,
    kvm_gmem_punch_hole: gmem.kvm_gmem_punch_hole,
    kvm_gmem_allocate: gmem.kvm_gmem_allocate,
    kvm_gmem_fallocate: gmem.kvm_gmem_fallocate,
    kvm_gmem_get_file: gmem.kvm_gmem_get_file,
    kvm_gmem_get_pfn: gmem.kvm_gmem_get_pfn,
    kvm_gmem_bind: binding.kvm_gmem_bind,
    kvm_gmem_unbind: binding.kvm_gmem_unbind,
    __kvm_gmem_unbind: binding.__kvm_gmem_unbind,
    kvm_gmem_release: binding.kvm_gmem_release,
    free_folio: from('mm/filemap.c', 'v6.8: no such hook')(function* free_folio() {}),
  },
});
