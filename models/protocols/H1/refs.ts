import { step } from '../../../src/core/index.js';
import * as sept from '../../flows/tdx/huge/sept.js';
import type { Kernel } from '../../kernel.js';
import { protocol } from '../../protocol.js';
import { from } from '../../source.js';
import { folioOf } from '../../state/folios.js';
import { entryOf, PG_LEVEL_4K } from '../../state/leaves.js';
import type { Kvm } from '../../state/structs.js';
import { SEPT_FREE } from '../../state/tdx.js';
import { dropFolio } from '../../flows/locks.js';
import { H1 } from './index.js';

const tdx = from('arch/x86/kvm/vmx/tdx.c', 'v6.16, at 2M');

const folioFor = (k: Kernel, pfn: number) => k.folios[folioOf(k, pfn)]!;

/** As many references to the folio as a leaf maps pages of it. */
const tdx_sept_set_private_spte = tdx(function* tdx_sept_set_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  level: number = PG_LEVEL_4K,
) {
  yield* step('get_page(page)', () => {
    folioFor(k, pfn).refcount.shared += npages(k, level);
  });
  const r = yield* sept.tdx_sept_set_private_spte(k, kvm, gfn, pfn, level);
  if (r !== 0) yield* put_page(k, pfn, npages(k, level));
  return r;
});

const tdx_sept_remove_private_spte = tdx(function* tdx_sept_remove_private_spte(
  k: Kernel,
  kvm: Kvm,
  gfn: number,
  pfn: number,
  level: number = PG_LEVEL_4K,
) {
  const r = yield* sept.tdx_sept_remove_private_spte(k, kvm, gfn, pfn, level);
  yield* put_page(k, pfn, npages(k, level), () => isRemoved(k, gfn, level));
  return r;
});

const npages = (k: Kernel, level: number): number =>
  level === PG_LEVEL_4K ? 1 : k.shape.huge!.leaf;

/** A page that the module has not let go of keeps its references. */
const isRemoved = (k: Kernel, gfn: number, level: number): boolean => {
  const { sept: table, index } = entryOf(k, gfn, level);
  return table.load(index) === SEPT_FREE;
};

const put_page = (k: Kernel, pfn: number, count: number, isDue = (): boolean => true) =>
  step('put_page(page)', () => {
    if (!isDue()) return;
    const folio = folioFor(k, pfn);
    for (let i = 0; i < count; i++) dropFolio(k, folio, () => folio.refcount.putShared());
  });

/** R30: leaves of the pages that stay keep the folio from being split, for ever. */
export const H1refs = protocol(H1, {
  id: 'H1+refs',
  title: 'RFC v2 without its 06/23: leaves of the S-EPT hold references to their folio',
  septHoldsPages: true,
  functions: {
    set_external_spte: tdx_sept_set_private_spte,
    remove_external_spte: tdx_sept_remove_private_spte,
  },
});
