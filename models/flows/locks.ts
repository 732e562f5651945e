import {
  lock,
  lockShared,
  srcuReadLock,
  srcuReadUnlock,
  step,
  synchronize,
  test,
  unlock,
  unlockShared,
  type Flow,
  type Resource,
} from '../../src/core/index.js';
import type { Kernel, KernelState } from '../kernel.js';
import { hit } from '../state/bugs.js';
import { framesOf, hasIndex } from '../state/folios.js';
import {
  FILE_REF,
  FOLIO_REF,
  type Folio,
  type GmemFile,
  type Inode,
  type Kvm,
} from '../state/structs.js';

/** Lock operations under the names the kernel source has for them. */
export const filemap_invalidate_lock = (inode: Inode): Flow =>
  lock('filemap_invalidate_lock(mapping)', inode.invalidate_lock);
export const filemap_invalidate_unlock = (inode: Inode, also?: () => void): Flow =>
  unlock('filemap_invalidate_unlock(mapping)', inode.invalidate_lock, also);
export const filemap_invalidate_lock_shared = (inode: Inode): Flow =>
  lockShared('filemap_invalidate_lock_shared(mapping)', inode.invalidate_lock);
export const filemap_invalidate_unlock_shared = (inode: Inode, also?: () => void): Flow =>
  unlockShared('filemap_invalidate_unlock_shared(mapping)', inode.invalidate_lock, also);

export const mmap_read_lock = (k: Kernel): Flow =>
  lockShared('mmap_read_lock(mm)', k.mm[0]!.mmap_lock);
export const mmap_read_unlock = (k: Kernel): Flow =>
  unlockShared('mmap_read_unlock(mm)', k.mm[0]!.mmap_lock);

export const KVM_MMU_LOCK = (kvm: Kvm): Flow => lock('write_lock(&kvm->mmu_lock)', kvm.mmu_lock);
export const KVM_MMU_UNLOCK = (kvm: Kvm): Flow =>
  unlock('write_unlock(&kvm->mmu_lock)', kvm.mmu_lock);
export const mmu_read_lock = (kvm: Kvm): Flow =>
  lockShared('read_lock(&kvm->mmu_lock)', kvm.mmu_lock);
export const mmu_read_unlock = (kvm: Kvm): Flow =>
  unlockShared('read_unlock(&kvm->mmu_lock)', kvm.mmu_lock);

export const kvm_lock = (kvm: Kvm): Flow =>
  lock('mutex_lock(&kvm->lock) /* sev_mem_enc_ioctl */', kvm.lock);
export const kvm_lock_vm = (kvm: Kvm): Flow => lock('mutex_lock(&kvm->lock)', kvm.lock);
export const kvm_unlock = (kvm: Kvm): Flow => unlock('mutex_unlock(&kvm->lock)', kvm.lock);

export const slots_lock = (kvm: Kvm): Flow => lock('mutex_lock(&kvm->slots_lock)', kvm.slots_lock);
export const slots_unlock = (kvm: Kvm): Flow =>
  unlock('mutex_unlock(&kvm->slots_lock)', kvm.slots_lock);

export const kvm_srcu_read_lock = (kvm: Kvm): Flow =>
  srcuReadLock('srcu_read_lock(&kvm->srcu)', kvm.srcu);
export const kvm_srcu_read_unlock = (kvm: Kvm): Flow =>
  srcuReadUnlock('srcu_read_unlock(&kvm->srcu)', kvm.srcu);
export const kvm_synchronize_srcu = (kvm: Kvm): Flow =>
  synchronize('synchronize_srcu_expedited(&kvm->srcu)', kvm.srcu);

export const folio_lock = (folio: Folio): Flow => lock('folio_lock(folio)', folio.lock);
export const folio_unlock = (folio: Folio, also?: () => void): Flow =>
  unlock('folio_unlock(folio)', folio.lock, also);

/**
 * Sleeps for the folio lock, then looks whether the folio is still where it was
 * found. One step: whoever changes folio->mapping holds the folio lock.
 */
export const folio_lock_mapped = (folio: Folio, inode: number, index: number): Flow<boolean> =>
  test(
    'folio_lock(folio); folio->mapping == mapping?',
    () => {
      folio.lock.owner = folio.$memory.actor;
      return folio.mapping === inode && hasIndex(folio, index);
    },
    { when: () => !folio.lock.isLocked, acquires: [folio.lock.resource('exclusive')] },
  );

export const folioRef = (folio: Folio): Resource => ({
  class: FOLIO_REF,
  instance: folio.$name,
  mode: 'reference',
});
export const fileRef = (file: GmemFile): Resource => ({
  class: FILE_REF,
  instance: file.$name,
  mode: 'reference',
});

/** folio_ref_dec_and_test(); frees the folio when it was the last reference. */
export function dropFolio(
  k: KernelState,
  folio: Folio,
  put = (): boolean => folio.refcount.put(),
): void {
  if (folio.refcount.isZero) return hit(k, 'folioFreed');
  if (put()) {
    folio.uptodate = false;
    for (const frame of framesOf(k, folio)) k.folios[frame]!.content = -1;
    if (k.shape.huge) folio.nr_pages.store(0, 1);
  }
}

/** A plain step that nobody else can tell from the one before it. */
export const note = (label: string, run: () => void): Flow => step(label, run);
