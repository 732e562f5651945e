import { step } from '../../src/core/index.js';
import { filemap_invalidate_lock, filemap_invalidate_unlock } from '../flows/locks.js';
import { kvm_arch_flush_shadow_memslot } from '../flows/flush_shadow.js';
import { __kvm_set_memory_region } from '../flows/memslots.js';
import type { Kernel } from '../kernel.js';
import { protocol } from '../protocol.js';
import { from } from '../source.js';
import { deref } from '../state/bugs.js';
import { NONE } from '../state/shape.js';
import type { Slot } from '../state/structs.js';
import { file_inode } from '../state/vms.js';
import { P3z } from './P3z.js';

const gmem = from('virt/kvm/guest_memfd.c', '6.12.117 (with ae431059e75d)');

/** A dying file loses the slot's bindings too; slots_lock holds its release off. */
export const kvm_gmem_unbind = gmem(function* kvm_gmem_unbind(k: Kernel, slot: Slot) {
  const known = yield* step('slot->gmem.file', () => deref(k, slot).gmem_file, { sort: 'file' });
  if (known === NONE) return;
  const file = yield* k.kvm_gmem_get_file(slot);
  if (file === NONE) {
    yield* k.__kvm_gmem_unbind(slot, k.files[known]!);
    return;
  }
  const inode = file_inode(k, k.files[file]!);
  yield* filemap_invalidate_lock(inode);
  yield* k.__kvm_gmem_unbind(slot, k.files[file]!);
  yield* filemap_invalidate_unlock(inode);
  yield* k.fput(k.files[file]!);
});

export const v6_12 = protocol(P3z, {
  id: '6.12',
  title: 'Linux 6.12.117: bindings of a dying file are cleared, slots zap their own leaves',
  functions: { __kvm_set_memory_region, kvm_gmem_unbind, kvm_arch_flush_shadow_memslot },
});
