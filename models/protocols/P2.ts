import { EFAULT, EINTR } from '../errno.js';
import { step, test } from '../../src/core/index.js';
import { gmemName } from '../flows/gmem_files.js';
import {
  filemap_invalidate_lock,
  filemap_invalidate_unlock,
  folio_unlock,
} from '../flows/locks.js';
import * as mmu from '../flows/mmu.js';
import * as sev from '../flows/sev.js';
import {
  kvm_mmu_reload,
  kvm_tdp_map_page,
  kvm_vcpu_pre_fault_memory,
  kvm_vm_ioctl_check_extension,
} from '../flows/prefault.js';
import { signal_pending } from '../flows/signals.js';
import type { Kernel } from '../kernel.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { derefGmem } from '../state/bugs.js';
import { boundBase } from '../state/hva.js';
import { hasArchHooks, NONE } from '../state/shape.js';
import {
  FOLIO_LOCK,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
  type Slot,
  type Vcpu,
} from '../state/structs.js';
import { file_inode, filesOf, isLinked } from '../state/vms.js';
import { P1a } from './P1a.js';
import { bound_folio, clear_highpage, folio_test_uptodate, indexOf } from '../flows/gmem.js';

const gmem = from('virt/kvm/guest_memfd.c', 'kvm/next 2024-06, v6.11-rc1');
const x86 = from('arch/x86/kvm/mmu/mmu.c', 'v6.11-rc1');

/** Uptodate is set before preparation, and preparation runs on every get. */
const kvm_gmem_get_folio = gmem(
  function* kvm_gmem_get_folio(k: Kernel, inode: Inode, index: number, prepare: boolean) {
    const number = yield* k.filemap_grab_folio(inode, index);
    if (number < 0) return number;
    const folio = k.folios[number]!;
    if (!(yield* folio_test_uptodate(folio))) {
      yield* clear_highpage(folio);
      yield* k.kvm_gmem_mark_prepared(folio);
    }
    const r = prepare ? yield* prepareForAll(k, inode, index, folio) : 0;
    if (r === 0) return number;
    yield* folio_unlock(folio);
    yield* k.folio_put(folio);
    return r;
  },
  [FOLIO_LOCK, FOLIO_REF],
);

/**
 * Every VM that has the inode bound at this index, the newest file first; an error
 * ends it. A fault walks the list and the other VMs' bindings under the folio lock
 * alone, where fallocate() holds the invalidate_lock as well.
 */
export function* prepareForAll(k: Kernel, inode: Inode, index: number, folio: Folio) {
  if (!hasArchHooks(k.shape)) return 0;
  for (const gmem of filesOf(k, inode)) {
    const r = yield* prepareFor(k, gmem, index, folio);
    if (r !== 0) return r;
  }
  return 0;
}

function* prepareFor(k: Kernel, gmem: GmemFile, index: number, folio: Folio) {
  const name = gmemName(k, gmem);
  if (isLinked(k.shape.vms) && !(yield* is_listed(name, gmem))) return 0;
  const number = yield* step(
    `slot = xa_load(&${name}->bindings, index)`,
    () => derefGmem(k, gmem).bindings.load(index),
    { sort: 'slot' },
  );
  if (number === NONE) return 0;
  const slot = k.slots[number]!;
  const gfn = yield* step(
    'gfn = slot->base_gfn + index - pgoff',
    () => boundBase(k, slot) + index - slot.gmem_pgoff,
  );
  return yield* k.kvm_arch_gmem_prepare(gmem.kvm, gfn, folio);
}

const is_listed = (name: string, gmem: GmemFile) =>
  test(`list_for_each_entry(gmem, gmem_list): ${name}`, () => gmem.listed);

const __kvm_gmem_get_pfn = gmem(
  function* __kvm_gmem_get_pfn(
    k: Kernel,
    file: GmemFile,
    slot: Slot,
    index: number,
    prepare: boolean,
  ) {
    const folio = yield* bound_folio(k, file, slot, index, prepare);
    if (folio >= 0) yield* folio_unlock(k.folios[folio]!);
    return [folio, 0] as const;
  },
  [FOLIO_REF],
);

const kvm_gmem_get_pfn = gmem(
  function* kvm_gmem_get_pfn(k: Kernel, _kvm: Kvm, slot: Slot, gfn: number) {
    const index = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
    const file = yield* k.kvm_gmem_get_file(slot);
    if (file === NONE) return -EFAULT;
    const [folio] = yield* k.__kvm_gmem_get_pfn(k.files[file]!, slot, index, true);
    yield* k.fput(k.files[file]!);
    return folio;
  },
  [FOLIO_REF],
);

/** The whole range under the invalidate_lock; nothing is asked of the page first. */
const kvm_gmem_populate = gmem(function* kvm_gmem_populate(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  npages: number,
  value: number,
  opaque?: Vcpu,
) {
  const slot = k.slots[yield* k.gfn_to_memslot(kvm, gfn)]!;
  const first = yield* step('index = kvm_gmem_get_index(slot, gfn)', () => indexOf(k, slot, gfn));
  const most = yield* step(
    'slot->npages - (start_gfn - slot->base_gfn)',
    () => slot.npages - (gfn - slot.base_gfn),
  );
  const file = yield* k.kvm_gmem_get_file(slot);
  if (file === NONE) return -EFAULT;
  const inode = file_inode(k, k.files[file]!);
  yield* filemap_invalidate_lock(inode);
  let done = 0;
  let r = 0;
  while (done < Math.min(npages, most) && r === 0) {
    const index = first + done;
    r = yield* k.kvm_gmem_populate_one(slot, k.files[file]!, index, gfn + done, value, opaque);
    if (r === 0) done++;
  }
  yield* filemap_invalidate_unlock(inode);
  yield* k.fput(k.files[file]!);
  return r < 0 && done === 0 ? r : done;
});

/** One page of the loop; the kernel has it inline. */
const kvm_gmem_populate_one = gmem(function* kvm_gmem_populate_one(
  k: Kernel,
  slot: Slot,
  file: GmemFile,
  index: number,
  gfn: number,
  value: number,
) {
  if (yield* signal_pending(k)) return -EINTR;
  const [folio] = yield* k.__kvm_gmem_get_pfn(file, slot, index, false);
  if (folio < 0) return folio;
  const r = yield* k.post_populate(file.kvm, gfn, k.folios[folio]!, value);
  yield* k.folio_put(k.folios[folio]!);
  return r;
});

/** RMP entries go back to the host when a folio leaves the filemap. */
const free_folio = gmem(function* kvm_gmem_free_folio(k: Kernel, folio: Folio) {
  yield* k.kvm_arch_gmem_invalidate(folio);
});

/** Pre-fault as first merged: nothing keeps it from running before the launch ends. */
export const kvm_arch_vcpu_pre_fault_memory = x86(function* kvm_arch_vcpu_pre_fault_memory(
  k: Kernel,
  vcpu: Vcpu,
  gfn: number,
) {
  yield* k.kvm_mmu_reload(vcpu);
  const isPrivate = yield* mmu.kvm_mem_is_private(k, vcpu.kvm, gfn);
  const r = yield* k.kvm_tdp_map_page(vcpu, gfn, isPrivate);
  return r < 0 ? r : 1;
});

export const P2 = protocol(P1a, {
  id: 'P2',
  title: 'Linux 6.11-rc1 (kvm-coco-queue): SNP prepares whenever a folio is got',
  kinds: ['sw', 'snp'],
  lacks: [],
  functions: {
    kvm_mmu_page_fault: mmu.kvm_mmu_page_fault,
    kvm_faultin_pfn: mmu.kvm_faultin_pfn,
    kvm_gmem_get_folio,
    __kvm_gmem_get_pfn,
    kvm_gmem_get_pfn,
    kvm_gmem_populate,
    kvm_gmem_populate_one,
    free_folio,
    kvm_arch_gmem_prepare: sev.kvm_arch_gmem_prepare,
    kvm_arch_gmem_invalidate: sev.kvm_arch_gmem_invalidate,
    post_populate: sev.post_populate_einval,
    snp_launch_update: sev.snp_launch_update,
    snp_launch_finish: sev.snp_launch_finish_plain,
    kvm_vm_ioctl_check_extension,
    kvm_vcpu_pre_fault_memory,
    kvm_arch_vcpu_pre_fault_memory,
    kvm_mmu_reload,
    kvm_tdp_map_page: kvm_tdp_map_page,
  },
});
