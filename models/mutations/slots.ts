import { later, without } from './edit.js';
import { by, INVALIDATE_LOCK, SLOTS_LOCK, type Mutation } from './mutation.js';

/** Memslots, attributes, and the end of a file. */
export const slots: readonly Mutation[] = [
  {
    id: 'attributes-without-slots-lock',
    base: '6.12',
    why: 'kvm_vm_set_mem_attributes() takes no slots_lock',
    change: (f) => ({
      kvm_vm_set_mem_attributes: without(f.kvm_vm_set_mem_attributes, SLOTS_LOCK),
    }),
    caught: by('S3', 'attribute-vs-fault'),
  },
  {
    id: 'attribute-after-end',
    base: '6.12',
    why: 'the attribute is stored when the invalidation has ended',
    change: (f) => ({
      kvm_vm_set_mem_attributes: later(f.kvm_vm_set_mem_attributes, 'xa_store('),
    }),
    caught: by('S7', 'attribute-vs-fault'),
  },
  {
    id: 'attribute-does-not-zap',
    base: '6.12',
    why: 'changing an attribute leaves the mappings of the old kind',
    change: (f) => ({
      kvm_pre_set_memory_attributes: without(f.kvm_pre_set_memory_attributes, [
        'kvm_unmap_gfn_range',
      ]),
    }),
    caught: by('S7', 'attribute-vs-fault'),
  },
  {
    id: 'slot-not-unbound',
    base: '6.12',
    why: 'a memslot is freed while its file still names it',
    change: (f) => ({ kvm_free_memslot: without(f.kvm_free_memslot, ['kvm_gmem_unbind']) }),
    caught: by('S10', 'delete-slot-vs-punch'),
  },
  {
    id: 'unbind-without-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_unbind() changes the bindings in the middle of a punch',
    change: (f) => ({ kvm_gmem_unbind: without(f.kvm_gmem_unbind, INVALIDATE_LOCK) }),
    caught: by('S10', 'delete-slot-vs-punch'),
  },
  {
    id: 'slot-freed-without-grace-period',
    base: '6.12',
    why: 'deleting a memslot does not wait for the faults that use it',
    change: (f) => ({
      kvm_delete_memslot: without(f.kvm_delete_memslot, ['synchronize_srcu_expedited']),
    }),
    caught: by('S10', 'delete-slot-vs-fault'),
  },
  {
    id: 'slot-not-zapped',
    base: '6.12',
    why: 'a deleted memslot leaves its mappings behind',
    change: (f) => ({
      kvm_delete_memslot: without(f.kvm_delete_memslot, ['kvm_arch_flush_shadow_memslot']),
    }),
    caught: by('S1', 'delete-slot-then-punch'),
  },
  {
    id: 'release-without-slots-lock',
    base: '6.12',
    why: 'kvm_gmem_release() runs beside the deletion of a slot',
    change: (f) => ({ kvm_gmem_release: without(f.kvm_gmem_release, SLOTS_LOCK) }),
    caught: by('S10', 'close-vs-delete-slot'),
  },
  {
    id: 'release-does-not-zap',
    base: '6.12',
    why: 'kvm_gmem_release() leaves the mappings of the pages that go',
    change: (f) => ({
      kvm_gmem_release: without(f.kvm_gmem_release, [
        'kvm_gmem_invalidate_begin',
        'kvm_gmem_invalidate_end',
      ]),
    }),
    caught: by('S1', 'close-vs-fault'),
  },
  {
    id: 'release-without-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_release() takes no invalidate_lock',
    change: (f) => ({ kvm_gmem_release: without(f.kvm_gmem_release, INVALIDATE_LOCK) }),
    caught: {
      equivalent:
        'with the last reference gone nobody punches or allocates, and slots_lock holds ' +
        'binding off; the lock is for files that share an inode',
    },
  },
];
