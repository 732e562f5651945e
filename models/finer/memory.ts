import { choose, step, test } from '../../src/core/index.js';
import { EEXIST, ENOMEM } from '../errno.js';
import { allocate, forget, insert } from '../flows/filemap.js';
import { dropFolio, folioRef, folio_unlock } from '../flows/locks.js';
import { folioOf } from '../state/folios.js';
import { NONE } from '../state/shape.js';
import type { Folio } from '../state/structs.js';
import { replace } from '../variants/rewrite.js';
import { RECORDED, type Finer } from './finer.js';

/** Folios: how they come into the filemap, and how they go. */
export const finerMemory: readonly Finer[] = [
  {
    id: 'add-in-two',
    why: 'a folio is allocated, and then added to the filemap, if nobody was faster',
    change: (f) => ({
      filemap_grab_folio: replace(
        f.filemap_grab_folio,
        'folio = filemap_alloc_folio()',
        function* (k, inode, index) {
          const number = yield* choose(
            'folio = filemap_alloc_folio(); __folio_set_locked()',
            [
              { name: '', cost: 0 },
              { name: '-ENOMEM', cost: 1 },
            ].slice(0, k.shape.faults > 0 ? 2 : 1),
            (option) => {
              if (option === 1) return -ENOMEM;
              const found = allocate(k, inode, index);
              k.folios[found]!.lock.owner = k.memory.actor;
              k.folios[found]!.refcount.get();
              return found;
            },
            {
              sort: 'folio',
              acquires: (n) =>
                n < 0 ? [] : [folioRef(k.folios[n]!), k.folios[n]!.lock.resource('exclusive')],
            },
          );
          if (number < 0) return number;
          const folio = k.folios[number]!;
          const added = yield* test('xas_store(&xas, folio)', () => {
            if (inode.i_pages.load(index) !== NONE) return false;
            insert(k, inode, index, number);
            return true;
          });
          if (added) return number;
          yield* folio_unlock(folio);
          yield* step('folio_put(folio)', () => dropFolio(k, folio), {
            releases: [folioRef(folio)],
          });
          return -EEXIST;
        },
      ),
    }),
    tests: ['allocate-vs-fault', 'allocate-vs-punch', 'prep-4-sw'],
    versions: RECORDED,
  },
  {
    id: 'truncate-one-by-one',
    why: 'a batch of folios is taken out of the filemap one folio after the other',
    change: (f) => ({
      truncate_first_pass: replace(
        f.truncate_first_pass,
        'delete_from_page_cache_batch(',
        function* (k, inode, start, end) {
          const isMine = ({ lock }: Folio) => lock.owner === k.memory.actor;
          for (let index = start; index < Math.min(end, k.shape.pages); index++)
            yield* step(`page_cache_delete([${index}])`, () => {
              const frame = inode.i_pages.load(index);
              const folio = frame === NONE ? undefined : k.folios[folioOf(k, frame)]!;
              if (folio && isMine(folio)) forget(k, inode, folio);
            });
        },
      ),
    }),
    tests: ['punch-two-pages', 'allocate-vs-punch'],
    versions: RECORDED,
  },
];
