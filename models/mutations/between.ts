import { step } from '../../src/core/index.js';
import { EINTR, ENOENT } from '../errno.js';
import { kvm_gmem_for_each_file } from '../flows/gmem_files.js';
import { roundDown, roundUp } from '../flows/huge_folios.js';
import { INVALID_COPY } from '../flows/memslots.js';
import { NONE } from '../state/shape.js';
import { answered, given, instead, isNamed, later } from './edit.js';
import { by, of, type Mutation } from './mutation.js';
import { returning } from './order.js';

type Prefaulted = readonly [number, number, number, number];

/** Changes of what one version, or one posting of a series, has of its own. */
export const between: readonly Mutation[] = [
  {
    id: 'unsafe-check-without-count',
    base: 'P1a',
    why: 'the lockless check looks at the sequence count alone, which an invalidation moves at its end',
    change: (f) => ({
      mmu_invalidate_retry_gfn_unsafe: answered(
        f.mmu_invalidate_retry_gfn_unsafe,
        'READ_ONCE(kvm->mmu_invalidate_in_progress)',
        0,
      ),
    }),
    caught: by('livelock', 'punch-two-pages'),
    only: [],
  },
  {
    id: 'dying-slot-is-mapped',
    base: 'P1a',
    why: 'a fault takes a slot that is INVALID for one that is there',
    change: (f) => ({
      gfn_to_memslot: returning(f.gfn_to_memslot, (slot) => (slot as number) % INVALID_COPY),
    }),
    caught: by('S1', 'delete-slot-then-punch'),
    only: [],
  },
  {
    id: 'map-memory-keeps-progress',
    base: 'P3p-v2',
    why: 'KVM_MAP_MEMORY v2 returns 0 once a page was mapped, with what is left of the size',
    change: () => ({ kvm_vcpu_pre_fault_memory: of('P3p-v3').kvm_vcpu_pre_fault_memory }),
    caught: { test: 'prefault-signal', mends: 'as v3 has it' },
  },
  {
    id: 'map-memory-counts-what-failed',
    base: 'P3p-v2',
    why: 'the page that an error came on is counted as done',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: returning(f.kvm_vcpu_pre_fault_memory, (returned) => {
        const [r, left, ...more] = returned as Prefaulted;
        return [r, r < 0 ? left - 1 : left, ...more];
      }),
    }),
    caught: by('S16', 'prefault-vs-delete-slot'),
    only: ['P3p-v3'],
  },
  {
    id: 'map-memory-retries-inside',
    base: 'P3p-v3',
    why: 'RET_PF_RETRY is retried inside KVM, as in v4',
    change: () => ({ kvm_tdp_map_page: of('P3p-v4').kvm_tdp_map_page }),
    caught: by('doomed', 'prefault-vs-delete-slot'),
    only: ['P3p-v2'],
  },
  {
    id: 'map-memory-leaves-the-size',
    base: 'P3p-v3',
    why: 'the size that is left is not written back when pages were mapped',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: instead(
        f.kvm_vcpu_pre_fault_memory,
        function* (k, vcpu, gfn, npages) {
          const [r, , ...more] = yield* f.kvm_vcpu_pre_fault_memory(k, vcpu, gfn, npages);
          return [r!, npages, ...more];
        },
      ),
    }),
    caught: by('S16', 'prefault-signal'),
    only: ['P3p-v4'],
  },
  {
    id: 'prefault-past-slot-succeeds',
    base: 'P3p-v4',
    why: 'a gfn without a slot counts as mapped',
    change: (f) => ({
      kvm_tdp_map_page: returning(f.kvm_tdp_map_page, (r) => (r === -ENOENT ? 0 : r)),
    }),
    caught: by('S16', 'prefault-past-slot'),
  },
  {
    id: 'prefault-signal-is-success',
    base: 'P3p-v4',
    why: 'a signal before the first page ends the ioctl with 0',
    change: (f) => ({
      kvm_vcpu_pre_fault_memory: returning(f.kvm_vcpu_pre_fault_memory, (returned) => {
        const [r, ...more] = returned as Prefaulted;
        return [r === -EINTR ? 0 : r, ...more];
      }),
    }),
    caught: by('S16', 'prefault-signal'),
  },
  {
    id: 'slot-freed-before-it-is-gone',
    base: 'P4',
    why: 'kvm_delete_memslot() frees the slot, and takes it out of the memslots behind that',
    change: (f) => ({
      kvm_delete_memslot: later(
        f.kvm_delete_memslot,
        'rcu_assign_pointer(kvm->memslots): slot gone',
        3,
      ),
    }),
    caught: by('S10', 'delete-slot-vs-fault'),
  },
  {
    id: 'unbind-keeps-bindings',
    base: 'P4',
    why: '__kvm_gmem_unbind() clears slot->gmem.file, and not the bindings',
    change: (f) => ({
      __kvm_gmem_unbind: instead(f.__kvm_gmem_unbind, function* (_k, slot) {
        yield* step('slot->gmem.file = NULL', () => {
          slot.gmem_file = NONE;
        });
      }),
    }),
    caught: by('S10', 'delete-slot-vs-fault'),
  },
  {
    id: 'populate-ignores-failure',
    base: 'P8',
    why: 'a page that __kvm_gmem_populate() failed for counts as done',
    change: (f) => ({
      kvm_gmem_populate: answered(f.kvm_gmem_populate, '__kvm_gmem_populate', 0),
    }),
    caught: by('S14', 'vms-populate-both'),
    only: ['P9'],
  },
  {
    id: 'populate-puts-twice',
    base: 'P8',
    why: '__kvm_gmem_populate() drops its reference to the page twice',
    change: (f) => ({
      __kvm_gmem_populate: instead(f.__kvm_gmem_populate, function* (k, ...args) {
        const r = yield* f.__kvm_gmem_populate(k, ...args);
        yield* step('folio_put(folio) again', () => {
          const folio = k.folios.find((it) => it.mapping !== NONE);
          if (folio) folio.refcount.shared -= 1;
        });
        return r;
      }),
    }),
    caught: by('S9', 'populate-vs-punch'),
    only: ['P9'],
  },
  {
    id: 'batch-zaps-the-huge-page',
    base: 'H2',
    why: 'kvm_gmem_convert() zaps what it has invalidated, which is whole huge pages',
    change: (f) => ({
      kvm_gmem_zap: given(f.kvm_gmem_zap, (k, file, start, end, filter) => [
        k,
        file,
        roundDown(k, start),
        roundUp(k, end),
        filter,
      ]),
    }),
    caught: by('S12', 'huge-convert-zapped'),
  },
  {
    id: 'convert-gives-back-first',
    base: 'C1v4',
    why: 'a conversion to shared gives the pages back before it allocates, which may fail',
    change: (f) => ({
      __kvm_gmem_set_attributes: instead(
        f.__kvm_gmem_set_attributes,
        function* (k, inode, start, end, attrs, ...more) {
          const inner = f.__kvm_gmem_set_attributes(k, inode, start, end, attrs, ...more);
          let result = inner.next();
          while (!result.done) {
            if (!attrs && isNamed(result.value, 'mas_preallocate'))
              yield* k.kvm_gmem_make_shared(inode, start, end);
            result = inner.next(yield result.value);
          }
          return result.value;
        },
      ),
    }),
    caught: by('S11', 'conv-no-memory'),
    only: [],
  },
  {
    id: 'convert-ignores-references',
    base: 'C1v4',
    why: 'a conversion to private counts references, and goes on whatever it finds',
    change: (f) => ({
      __kvm_gmem_set_attributes: answered(
        f.__kvm_gmem_set_attributes,
        'kvm_gmem_unsafe_page',
        NONE,
      ),
    }),
    caught: by('S8', 'conv-pinned'),
  },
  {
    id: 'convert-zaps-before-it-counts',
    base: 'C1v4',
    why: 'a conversion to private zaps the guest, then counts references, as the RFC did',
    change: (f) => ({
      kvm_gmem_unsafe_page: instead(f.kvm_gmem_unsafe_page, function* (k, inode, start, end) {
        const files = yield* kvm_gmem_for_each_file(k, inode);
        for (const gmem of files) yield* k.kvm_gmem_invalidate_begin(gmem, start, end);
        const unsafe = yield* f.kvm_gmem_unsafe_page(k, inode, start, end);
        for (const gmem of files) yield* k.kvm_gmem_invalidate_end(gmem, start, end);
        return unsafe;
      }),
    }),
    caught: by('condition', 'conv-zap-then-fail'),
    only: ['C1'],
  },
];
