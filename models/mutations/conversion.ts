import { test } from '../../src/core/index.js';
import { EFAULT } from '../errno.js';
import { RET_PF_CONTINUE } from '../flows/ret_pf.js';
import type { Implementations } from '../functions.js';
import { P8 } from '../protocols/P8.js';
import { isPrivatePage } from '../state/attributes.js';
import { NONE } from '../state/shape.js';
import { answered, instead, later, without } from './edit.js';
import { by, INVALIDATE_LOCK, of, type Mutation } from './mutation.js';

const INVALIDATE_LOCK_SHARED = [
  'filemap_invalidate_lock_shared(',
  'filemap_invalidate_unlock_shared(',
];

/** In-place conversion: what it checks, in which order, and who it keeps out. */
export const conversion: readonly Mutation[] = [
  {
    id: 'convert-counts-no-references',
    base: 'C1',
    why: 'a conversion to private does not look at refcounts',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(
        f.__kvm_gmem_set_attributes,
        ['kvm_gmem_unsafe_page'],
        () => NONE,
      ),
    }),
    caught: by('S8', 'conv-vs-host-fault'),
  },
  {
    id: 'convert-leaves-host-ptes',
    base: 'C1',
    why: 'a conversion to private does not unmap the pages from the VMM',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, ['unmap_mapping_pages']),
    }),
    caught: by('condition', 'conv-preserved'),
  },
  {
    id: 'convert-without-invalidate-lock',
    base: 'C1',
    why: '__kvm_gmem_set_attributes() takes no invalidate_lock',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, INVALIDATE_LOCK),
    }),
    caught: by('S3', 'conv-to-shared-snp'),
  },
  {
    id: 'convert-does-not-zap',
    base: 'C1',
    why: '__kvm_gmem_set_attributes() invalidates nothing',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, [
        'kvm_gmem_invalidate_begin',
        'kvm_gmem_invalidate_end',
      ]),
    }),
    caught: by('S7', 'conv-to-private-snp'),
  },
  {
    id: 'convert-before-begin',
    base: 'C1',
    why: 'a conversion to shared takes the pages from the guest before it zaps',
    change: (f) => ({
      __kvm_gmem_set_attributes: later(f.__kvm_gmem_set_attributes, 'kvm_gmem_invalidate_begin'),
    }),
    caught: by('S5', 'conv-to-shared-snp'),
  },
  {
    id: 'convert-keeps-rmp',
    base: 'C1',
    why: 'a conversion to shared leaves the pages with the guest',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, ['kvm_gmem_make_shared']),
    }),
    caught: by('S5', 'conv-to-shared-snp'),
  },
  {
    id: 'convert-stores-nothing',
    base: 'C1',
    why: 'a conversion returns 0 and stores no attribute',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, ['mas_store_prealloc(']),
    }),
    caught: by('S13', 'conv-retried'),
  },
  {
    id: 'fault-without-invalidate-lock',
    base: 'C1',
    why: 'kvm_gmem_get_pfn() takes no invalidate_lock, as before',
    change: (f) => ({ kvm_gmem_get_pfn: without(f.kvm_gmem_get_pfn, INVALIDATE_LOCK_SHARED) }),
    caught: by('S5', 'conv-to-shared-snp'),
  },
  {
    id: 'fault-prepares-shared',
    base: 'C1',
    why: 'kvm_gmem_get_pfn() prepares whatever the attribute is, as before',
    change: (f) => ({
      kvm_gmem_get_pfn: answered(f.kvm_gmem_get_pfn, 'mtree_load(&gi->attributes, index)', 1),
    }),
    caught: by('S5', 'conv-to-private-snp'),
  },
  {
    id: 'host-fault-without-invalidate-lock',
    base: 'C1',
    why: 'a host fault takes no invalidate_lock, as before',
    change: (f) => ({
      kvm_gmem_fault_user_mapping: without(f.kvm_gmem_fault_user_mapping, INVALIDATE_LOCK_SHARED),
    }),
    caught: by('S8', 'conv-vs-host-fault'),
  },
  {
    id: 'host-fault-on-private',
    base: 'C1',
    why: 'a host fault does not look at the attribute',
    change: (f) => ({
      kvm_gmem_fault_user_mapping: answered(
        f.kvm_gmem_fault_user_mapping,
        'mtree_load(&gi->attributes, index)',
        0,
      ),
    }),
    caught: by('S8', 'conv-preserved'),
  },
  {
    id: 'populate-asks-the-vm',
    base: 'C1',
    why: 'populate asks kvm_mem_is_private(), which takes the lock that it holds',
    change: () => {
      const { __kvm_gmem_populate } = P8.functions as unknown as Implementations;
      return { __kvm_gmem_populate };
    },
    caught: by('deadlock', 'conv-populate'),
  },
  {
    id: 'convert-drains-nothing',
    base: 'C1',
    why: 'a conversion does not drain the batches of new folios, as in v4',
    change: () => ({ kvm_gmem_unsafe_page: of('C1v4').kvm_gmem_unsafe_page }),
    caught: by('doomed', 'conv-l4-batch'),
  },
  {
    id: 'fault-compares-attribute',
    base: 'C1',
    why: 'a fault compares the attribute of the page that it has looked up with its access',
    change: (f) => ({
      kvm_faultin_pfn_private: instead(
        f.kvm_faultin_pfn_private,
        function* (k, vcpu, slot, gfn, isPrivate) {
          const [r, pfn] = yield* f.kvm_faultin_pfn_private(k, vcpu, slot, gfn, isPrivate);
          if (r !== RET_PF_CONTINUE) return [r, pfn] as const;
          const fits = yield* test('is_private_mem(inode, index) == fault->is_private', () => {
            const { mapping, index } = k.folios[pfn!]!;
            return isPrivatePage(k.inodes[mapping]!, index) === isPrivate;
          });
          if (fits) return [r, pfn] as const;
          yield* k.kvm_release_pfn_clean(pfn!);
          yield* k.kvm_mmu_prepare_memory_fault_exit(vcpu, isPrivate);
          return [-EFAULT, NONE] as const;
        },
      ),
    }),
    caught: { test: 'conv-vs-delete-slot', mends: 'which no posting has' },
  },
];
