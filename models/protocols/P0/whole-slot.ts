import { lock, step, unlock } from '../../../src/core/index.js';
import { KVM_MMU_LOCK, KVM_MMU_UNLOCK } from '../../flows/locks.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { deref } from '../../state/bugs.js';
import { NONE } from '../../state/shape.js';
import type { GmemFile, Inode, Kvm } from '../../state/structs.js';
import { P0s } from './index.js';
import { gfnBoundAt } from './memfd.js';
import { shmem_undo_range as undo } from './shmem.js';

const REVIEW = 'Re: [PATCH v3 kvm/queue 14/16], 2022-01-03: what it asks about';
const memfd = from('virt/kvm/memfd.c', REVIEW);

/** Each page of the hole is notified as before, but as the whole slot. */
const kvm_memfd_invalidate_range = memfd(function* kvm_memfd_invalidate_range(
  k: Kernel,
  file: GmemFile,
  index: number,
) {
  const bound = yield* step('slot bound at index', () => file.bindings.load(index), {
    sort: 'slot',
  });
  if (bound === NONE) return;
  const slot = k.slots[bound]!;
  const base = yield* step('slot->base_gfn', () => deref(k, slot).base_gfn);
  const npages = yield* step('slot->npages', () => slot.npages);
  yield* KVM_MMU_LOCK(k.kvm);
  const flush = yield* k.kvm_unmap_gfn_range(k.kvm, base, base + npages);
  if (flush) yield* k.kvm_flush_remote_tlbs(k.kvm);
  yield* KVM_MMU_UNLOCK(k.kvm);
});

/** Then come the pages that are left, as if they had been allocated just now. */
const shmem_undo_range = from(
  'mm/shmem.c',
  REVIEW,
)(function* shmem_undo_range(k: Kernel, inode: Inode, start: number, end: number) {
  yield* undo(k, inode, start, end);
  const file = k.files[k.inodes.indexOf(inode)]!;
  for (let index = 0; index < k.shape.pages; index++) {
    if (start <= index && index < end) continue;
    const gfn = yield* step(`notify_fallocate([${index}])`, () =>
      inode.i_pages.load(index) === NONE ? NONE : gfnBoundAt(k, file, index),
    );
    if (gfn !== NONE) yield* k.kvm_map_gfn_range(k.kvm, gfn);
  }
});

/** Without mmu_lock around it: as posted, that is a deadlock (p0-fallocate-maps). */
const kvm_map_gfn_range = from(
  'arch/x86/kvm/mmu/mmu.c',
  REVIEW,
)(function* kvm_map_gfn_range(k: Kernel, _kvm: Kvm, gfn: number) {
  const vcpu = k.vcpus[0]!;
  yield* lock('mutex_lock_killable(&vcpu->mutex)', vcpu.mutex);
  yield* k.kvm_mmu_do_page_fault(vcpu, gfn, true, false);
  yield* unlock('mutex_unlock(&vcpu->mutex)', vcpu.mutex);
});

export const P0slot = protocol(P0s, {
  id: 'P0s+slot',
  title: 'P0s with two notifications of a hole: the whole slot, then what is left of it',
  functions: { kvm_memfd_invalidate_range, shmem_undo_range, kvm_map_gfn_range },
});
