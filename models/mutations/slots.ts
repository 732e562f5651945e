import { answered, given, later, without } from './edit.js';
import { by, INVALIDATE_LOCK, MMU_LOCK, SLOTS_LOCK, type Mutation } from './mutation.js';

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
    // With one file on the inode nothing comes of it: the last reference is gone.
    caught: by('S3', 'vms-close-vs-punch'),
  },
  {
    id: 'bound-over-another-slot',
    base: '6.12',
    why: 'kvm_gmem_bind() does not look whether the pages are bound',
    change: (f) => ({
      kvm_gmem_bind: answered(f.kvm_gmem_bind, '!xa_find(&gmem->bindings)', true),
    }),
    caught: by('condition', 'bind-fails'),
    except: ['P9'],
  },
  {
    id: 'bound-over-another-slot-in-7.3',
    base: 'P9',
    why: 'kvm_gmem_commit_memory_region() does not look whether the pages are bound',
    change: (f) => ({
      kvm_gmem_commit_memory_region: answered(
        f.kvm_gmem_commit_memory_region,
        '!xa_find(&f->bindings)',
        true,
      ),
    }),
    caught: by('condition', 'bind-fails'),
    only: [],
  },
  {
    id: 'bind-without-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_bind() stores bindings in the middle of a punch',
    change: (f) => ({ kvm_gmem_bind: without(f.kvm_gmem_bind, INVALIDATE_LOCK) }),
    caught: by('S3', 'create-slot-vs-punch'),
    except: ['P9'],
  },
  {
    id: 'commit-without-invalidate-lock',
    base: 'P9',
    why: 'kvm_gmem_commit_memory_region() stores bindings in the middle of a punch',
    change: (f) => ({
      kvm_gmem_commit_memory_region: without(f.kvm_gmem_commit_memory_region, INVALIDATE_LOCK),
    }),
    caught: by('S3', 'create-slot-vs-punch'),
    only: [],
  },
  {
    id: 'slot-not-invalid-first',
    base: '6.12',
    why: 'a memslot is zapped while faults still find it valid',
    change: (f) => ({
      kvm_delete_memslot: without(f.kvm_delete_memslot, [
        'rcu_assign_pointer(kvm->memslots): slot INVALID',
      ]),
    }),
    caught: by('S1', 'delete-slot-then-punch'),
  },
  {
    id: 'delete-without-slots-lock',
    base: '6.12',
    why: 'a memslot is deleted beside the release of its file',
    change: (f) => ({
      kvm_set_user_memory_region: without(f.kvm_set_user_memory_region, SLOTS_LOCK),
    }),
    caught: by('S10', 'close-vs-delete-slot'),
  },
  {
    id: 'moved-slot-not-zapped',
    base: '6.12',
    why: 'a memslot that moves leaves its mappings where it lay',
    change: (f) => ({
      kvm_move_memslot: without(f.kvm_move_memslot, ['kvm_arch_flush_shadow_memslot']),
    }),
    caught: by('S22', 'slot-move-vs-fault'),
  },
  {
    id: 'moved-slot-not-invalid-first',
    base: '6.12',
    why: 'a memslot that moves is zapped while faults still find it valid',
    change: (f) => ({
      kvm_move_memslot: without(f.kvm_move_memslot, [
        'rcu_assign_pointer(kvm->memslots): slot INVALID',
      ]),
    }),
    caught: by('S22', 'slot-move-vs-fault'),
  },
  {
    id: 'moved-without-grace-period',
    base: '6.12',
    why: 'a memslot that moves does not wait for the faults that found it where it lay',
    change: (f) => ({
      kvm_move_memslot: without(f.kvm_move_memslot, ['synchronize_srcu_expedited']),
    }),
    caught: by('S10', 'slot-move-vs-fault'),
  },
  {
    id: 'moved-onto-another-slot',
    base: '6.12',
    why: 'a memslot that moves is not asked whether it overlaps with others',
    change: (f) => ({
      __kvm_set_memory_region: answered(f.__kvm_set_memory_region, 'old = id_to_memslot()', -1002),
    }),
    caught: by('condition', 'slot-move-refused'),
  },
  {
    id: 'attributes-zap-first-page-only',
    base: '6.12',
    why: 'changing two attributes leaves the mapping of the second gfn',
    change: (f) => ({
      kvm_pre_set_memory_attributes: given(
        f.kvm_pre_set_memory_attributes,
        (k, kvm, start, _end, slots, attrs) => [k, kvm, start, start + 1, slots, attrs],
      ),
    }),
    caught: by('S7', 'attribute-two-pages'),
  },
  {
    id: 'attributes-without-range',
    base: '6.12',
    why: 'changing an attribute adds no range to its invalidation',
    change: (f) => ({
      kvm_pre_set_memory_attributes: without(f.kvm_pre_set_memory_attributes, [
        'kvm_mmu_invalidate_range_add',
      ]),
    }),
    caught: by('S3', 'attribute-vs-fault'),
  },
  {
    id: 'attributes-without-begin',
    base: '6.12',
    why: 'changing an attribute ends an invalidation that it did not begin',
    change: (f) => ({
      kvm_pre_set_memory_attributes: without(f.kvm_pre_set_memory_attributes, [
        'kvm_mmu_invalidate_begin',
      ]),
    }),
    caught: by('S3', 'attribute-vs-fault'),
  },
  {
    id: 'attributes-without-end',
    base: '6.12',
    why: 'changing an attribute leaves its invalidation open',
    change: (f) => ({
      kvm_vm_set_mem_attributes: without(f.kvm_vm_set_mem_attributes, [
        'kvm_post_set_memory_attributes',
      ]),
    }),
    caught: by('S3', 'attribute-vs-fault'),
  },
  {
    id: 'attributes-without-mmu-lock',
    base: '6.12',
    why: 'changing an attribute begins and zaps without mmu_lock',
    change: (f) => ({
      kvm_pre_set_memory_attributes: without(f.kvm_pre_set_memory_attributes, MMU_LOCK),
    }),
    caught: by('S7', 'attribute-vs-fault'),
  },
];
