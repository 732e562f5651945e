// An actor that gmemcheck has not got: kswapd, if guest_memfd's pages could be reclaimed. They
// cannot: kvm_gmem_create() has the mapping unevictable. What a column of its own does is an
// operation of the variant's; the column may have any name.
//
//   npx gmemcheck check docs/examples/reclaim.litmus --protocol docs/examples/reclaim.ts
import { from, locks, protocolById, variant, type Kernel } from 'gmemcheck';

const vmscan = from('mm/vmscan.c', 'an example');

/** Takes a page out of the filemap and tells nobody, as for a page that no user maps. */
const shrink_folio_list = vmscan(function* shrink_folio_list(k: Kernel, index: number) {
  const inode = k.inodes[0]!;
  const found = yield* k.filemap_lock_folio(inode, index);
  if (found < 0) return 0;
  const folio = k.folios[found]!;
  yield* k.filemap_remove_folio(inode, folio);
  yield* locks.folio_unlock(folio);
  yield* k.folio_put(folio);
  return 1;
});

export default variant(protocolById('P9'), {
  id: 'reclaim',
  title: 'guest_memfd without AS_UNEVICTABLE, and a kswapd that takes pages',
  own: {
    operations: {
      SHRINK: {
        form: 'SHRINK(PAGE)',
        enters: 'shrink_folio_list',
        run: (k, [index]) => shrink_folio_list(k, index!),
      },
    },
  },
  functions: () => ({}),
});
