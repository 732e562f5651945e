import {
  filemap_invalidate_lock_shared,
  filemap_invalidate_unlock_shared,
} from '../flows/locks.js';
import { instead, later, without } from './edit.js';
import { by, INVALIDATE_LOCK, type Mutation } from './mutation.js';

/** What a hole does, in its order: lock, begin, truncate, end. */
export const holes: readonly Mutation[] = [
  {
    id: 'punch-without-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() takes no invalidate_lock',
    change: (f) => ({ kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, INVALIDATE_LOCK) }),
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'truncate-before-begin',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() truncates before it invalidates',
    change: (f) => ({
      kvm_gmem_punch_hole: later(f.kvm_gmem_punch_hole, 'kvm_gmem_invalidate_begin'),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'end-before-truncate',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() ends the invalidation before it truncates',
    change: (f) => ({
      kvm_gmem_punch_hole: later(f.kvm_gmem_punch_hole, 'truncate_inode_pages_range'),
    }),
    caught: by('S1', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'fault-takes-invalidate-lock',
    base: '6.12',
    why: 'kvm_gmem_get_pfn() holds the invalidate_lock shared, as proposed for in-place conversion',
    change: (f) => ({
      kvm_gmem_get_pfn: instead(f.kvm_gmem_get_pfn, function* (k, kvm, slot, gfn) {
        const inode = k.inodes[0]!;
        yield* filemap_invalidate_lock_shared(inode);
        const r = yield* f.kvm_gmem_get_pfn(k, kvm, slot, gfn);
        yield* filemap_invalidate_unlock_shared(inode);
        return r;
      }),
    }),
    caught: {
      test: 'prep-4-page-left-in-hole',
      mends: 'S4s: a fault adds its page before the hole or after it',
    },
  },
  {
    id: 'end-without-begin',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() ends an invalidation that it did not begin',
    change: (f) => ({
      kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, ['kvm_gmem_invalidate_begin']),
    }),
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'begin-without-end',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() leaves its invalidation open',
    change: (f) => ({
      kvm_gmem_punch_hole: without(f.kvm_gmem_punch_hole, ['kvm_gmem_invalidate_end']),
    }),
    caught: by('S3', 'fault-vs-punch', 'fault-vs-punch-sw'),
  },
  {
    id: 'punch-with-shared-lock',
    base: '6.12',
    why: 'kvm_gmem_punch_hole() takes the invalidate_lock shared',
    change: (f) => ({
      kvm_gmem_punch_hole: instead(f.kvm_gmem_punch_hole, function* (k, inode, start, end) {
        const unlocked = without(f.kvm_gmem_punch_hole, INVALIDATE_LOCK);
        yield* filemap_invalidate_lock_shared(inode);
        const r = yield* unlocked(k, inode, start, end);
        yield* filemap_invalidate_unlock_shared(inode);
        return r;
      }),
    }),
    caught: by('condition', 'allocate-vs-punch'),
  },
];
