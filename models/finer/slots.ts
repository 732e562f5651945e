import { step } from '../../src/core/index.js';
import { deref, derefBound } from '../state/bugs.js';
import { rememberGmemOnly } from '../state/flags.js';
import { NONE } from '../state/shape.js';
import { replace } from '../variants/rewrite.js';
import { RECORDED, type Finer } from './finer.js';

/** Slots and the files that they are bound to. */
export const finerSlots: readonly Finer[] = [
  {
    id: 'bind-in-two',
    why: 'a slot learns of its file first, and the file of the slot behind that, page by page',
    change: (f) => ({
      kvm_gmem_bind: replace(
        f.kvm_gmem_bind,
        'slot->gmem.file = file; xa_store_range(',
        function* (k, _kvm, slot, file, pgoff) {
          const number = k.files.indexOf(file!);
          yield* step('slot->gmem.file = file', () => {
            slot.gmem_file = number;
            slot.gmem_pgoff = pgoff;
            rememberGmemOnly(k.shape, slot, number);
          });
          for (let i = 0; i < k.shape.pages; i++)
            yield* step(`xas_store(&gmem->bindings, ${i})`, () => {
              const isOwn = pgoff <= i && i < pgoff + slot.npages;
              if (isOwn) file!.bindings.store(i, k.slots.indexOf(slot));
            });
        },
      ),
    }),
    tests: ['create-slot-vs-punch'],
    versions: ['6.12'],
  },
  {
    id: 'unbind-in-two',
    why: 'the file forgets a slot first, page by page, and the slot its file behind that',
    change: (f) => ({
      __kvm_gmem_unbind: replace(
        f.__kvm_gmem_unbind,
        'xa_store_range(&gmem->bindings, NULL)',
        function* (k, slot, file) {
          for (let i = 0; i < k.shape.pages; i++)
            yield* step(`xas_store(&gmem->bindings, ${i}, NULL)`, () => {
              const { gmem_pgoff, npages } = deref(k, slot);
              const isOwn = gmem_pgoff <= i && i < gmem_pgoff + npages;
              if (isOwn) file.bindings.store(i, NONE);
            });
          yield* step('slot->gmem.file = NULL', () => void (deref(k, slot).gmem_file = NONE));
        },
      ),
    }),
    tests: ['delete-slot-vs-punch', 'delete-slot-vs-fault', 'close-vs-delete-slot'],
    versions: RECORDED,
  },
  {
    id: 'release-one-by-one',
    why: 'the last close cuts one slot loose after the other',
    change: (f) => ({
      kvm_gmem_release: replace(
        f.kvm_gmem_release,
        'xa_for_each(&gmem->bindings)',
        function* (k, _inode, file) {
          for (let i = 0; i < file.bindings.length; i++)
            yield* step(`xa_for_each(&gmem->bindings): [${i}]`, () => {
              const slot = file.bindings.load(i);
              if (slot !== NONE) derefBound(k, k.slots[slot]!).gmem_file = NONE;
            });
        },
      ),
    }),
    tests: ['close-two-slots'],
    versions: RECORDED,
  },
];
