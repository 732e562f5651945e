import { step, test } from '../../../src/core/index.js';
import { EBADF, EEXIST, EINVAL } from '../../errno.js';
import { NONE } from '../../state/shape.js';
import { ABSENT } from '../../state/structs.js';
import { answered, instead, without } from '../edit.js';
import { of } from '../mutation.js';
import type { Mistake } from './mistake.js';

/** Slots, their bindings, and files that close. */
export const slotMistakes: readonly Mistake[] = [
  {
    id: 'delete-keeps-mappings',
    base: '6.12',
    why: 'a deleted slot keeps its mappings',
    change: (f) => ({
      kvm_arch_flush_shadow_memslot: instead(f.kvm_arch_flush_shadow_memslot, function* () {}),
    }),
    by: [101, 'set_region st.pages_4k'],
  },
  {
    id: 'delete-zaps-all',
    base: '6.12',
    why: 'a deleted slot takes the mappings of all others along',
    change: (f) => ({
      kvm_arch_flush_shadow_memslot: instead(f.kvm_arch_flush_shadow_memslot, function* (k, kvm) {
        yield* k.kvm_unmap_gfn_range(kvm, 0, k.shape.gfns);
      }),
    }),
    by: [101, 'set_region st.pages_4k'],
  },
  {
    id: 'delete-keeps-bindings',
    base: '6.12',
    why: 'a deleted slot keeps its bindings',
    change: (f) => ({ kvm_gmem_unbind: instead(f.kvm_gmem_unbind, function* () {}) }),
    by: [39, 'set_region ret'],
  },
  {
    id: 'delete-frees-pages',
    base: '6.12',
    why: 'the pages of a guest_memfd go with the slot',
    change: (f) => ({
      kvm_gmem_unbind: instead(f.kvm_gmem_unbind, function* (k, slot) {
        const file = yield* step('slot->gmem.file', () => slot.gmem_file);
        if (file !== NONE) yield* k.truncate_inode_pages_range(k.inodes[file]!, 0, k.shape.pages);
        yield* f.kvm_gmem_unbind(k, slot);
      }),
    }),
    by: [10019, 'set_region st.g[0].pop'],
  },
  {
    id: 'delete-of-nothing',
    base: '6.12',
    why: 'a slot that is not there can be deleted',
    change: (f) => ({
      __kvm_set_memory_region: instead(
        f.__kvm_set_memory_region,
        function* (k, kvm, slot, gfn, npages, ...rest) {
          const isThere = yield* step('id_to_memslot()', () =>
            kvm.memslots.load(k.slots.indexOf(slot)) === ABSENT ? 0 : 1,
          );
          if (npages === 0 && !isThere) return 0;
          return yield* f.__kvm_set_memory_region(k, kvm, slot, gfn, npages, ...rest);
        },
      ),
    }),
    by: [10024, 'set_region ret'],
  },
  {
    id: 'create-over-slot',
    base: '6.12',
    why: 'a slot with guest_memfd may be set anew, to no effect',
    change: (f) => ({
      __kvm_set_memory_region: instead(
        f.__kvm_set_memory_region,
        function* (k, kvm, slot, gfn, npages, file, ...rest) {
          const isThere = yield* step('id_to_memslot()', () =>
            kvm.memslots.load(k.slots.indexOf(slot)) === ABSENT ? 0 : 1,
          );
          if (file && npages > 0 && isThere) return 0;
          return yield* f.__kvm_set_memory_region(k, kvm, slot, gfn, npages, file, ...rest);
        },
      ),
    }),
    by: [0, 'set_region ret'],
  },
  {
    id: 'bind-overlap',
    base: '6.12',
    why: 'two slots may have the same part of a guest_memfd',
    change: (f) => ({
      kvm_gmem_bind: answered(f.kvm_gmem_bind, '!xa_find(&gmem->bindings)', 1),
    }),
    by: [10042, 'set_region ret'],
  },
  {
    id: 'bind-overlap-exists',
    base: '6.12',
    why: 'a part that another slot has is EEXIST, as in 7.3',
    change: (f) => ({
      kvm_gmem_bind: instead(f.kvm_gmem_bind, function* (k, kvm, slot, file, pgoff) {
        const fits = yield* step('does it fit?', () =>
          file && pgoff + slot.npages <= k.inodes[k.files.indexOf(file)]!.size ? 1 : 0,
        );
        const r = yield* f.kvm_gmem_bind(k, kvm, slot, file, pgoff);
        return r === -EINVAL && fits ? -EEXIST : r;
      }),
    }),
    by: [10042, 'set_region errno'],
  },
  {
    id: 'bind-overlap-invalid',
    base: 'P9',
    why: 'a part that another slot has is EINVAL, as before 7.3',
    change: () => ({
      kvm_gmem_bind: of('P8').kvm_gmem_bind,
      kvm_gmem_unbind: of('P8').kvm_gmem_unbind,
    }),
    by: [30030, 'set_region errno'],
  },
  {
    id: 'bind-past-end',
    base: '6.12',
    why: 'a slot that would reach behind the end of its guest_memfd is made, without it',
    change: (f) => ({
      kvm_gmem_bind: instead(f.kvm_gmem_bind, function* (k, kvm, slot, file, pgoff) {
        const isPast = yield* test('does it reach behind the end?', () =>
          file !== undefined &&
          file.fd_open &&
          pgoff + slot.npages > k.inodes[k.files.indexOf(file)]!.size);
        return isPast ? 0 : yield* f.kvm_gmem_bind(k, kvm, slot, file, pgoff);
      }),
    }),
    by: [10000, 'set_region ret'],
  },
  {
    id: 'bind-bad-descriptor',
    base: '6.12',
    why: 'a descriptor that is not open is an invalid argument',
    change: (f) => ({
      kvm_gmem_bind: instead(f.kvm_gmem_bind, function* (k, kvm, slot, file, pgoff) {
        const r = yield* f.kvm_gmem_bind(k, kvm, slot, file, pgoff);
        return r === -EBADF ? -EINVAL : r;
      }),
    }),
    by: [142, 'set_region errno'],
  },
  {
    id: 'close-keeps-mappings',
    base: '6.12',
    why: 'the last close does not zap',
    change: (f) => ({
      kvm_gmem_release: without(f.kvm_gmem_release, ['kvm_gmem_invalidate_begin']),
    }),
    by: [3, 'close_gmem st.pages_4k'],
  },
  {
    id: 'close-keeps-slot',
    base: '6.12',
    why: 'a slot keeps the file that is closed: what is private goes on',
    change: (f) => ({
      close_fd: instead(f.close_fd, function* (_k, file) {
        yield* step('close()', () => void (file.fd_open = false));
        return 0;
      }),
    }),
    by: [0, 'guest_read ret'],
  },
];
