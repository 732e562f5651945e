// A kind of memory that gmemcheck does not know, with an operation and an invariant of its
// own: granules that are delegated to the guest's world, as in Arm CCA, much simplified.
//
//   npx gmemcheck check docs/examples/granules.litmus --protocol docs/examples/granules.ts
import {
  errno,
  from,
  int,
  protocolById,
  step,
  table,
  test,
  variant,
  type Folio,
  type Invariant,
  type Kernel,
  type Kvm,
} from 'gmemcheck';

const cca = from('arch/arm64/kvm/rmi.c', 'an example');

/** The granule of a folio: 1 = delegated. */
const gpt = (k: Kernel) => k.own.gpt;

const kvm_arch_gmem_prepare = cca(function* realm_gmem_prepare(
  k: Kernel,
  _kvm: Kvm,
  _gfn: number,
  folio: Folio,
) {
  const n = k.folios.indexOf(folio);
  if (yield* test('granule_is_delegated(pfn)', () => gpt(k).load(n) === 1)) return 0;
  yield* step('rmi_granule_delegate(pfn)', () => gpt(k).store(n, 1));
  return 0;
});

const kvm_arch_gmem_invalidate = cca(function* realm_gmem_invalidate(k: Kernel, folio: Folio) {
  yield* step('rmi_granule_undelegate(pfn)', () => gpt(k).store(k.folios.indexOf(folio), 0));
});

/** User space takes a page back by hand, which no kernel should let it do. */
const realm_undelegate = cca(function* realm_undelegate(k: Kernel, index: number) {
  const n = yield* step('folio = filemap_get_folio()', () => k.inodes[0]!.i_pages.load(index), {
    sort: 'folio',
  });
  if (n < 0) return -errno.ENOENT;
  yield* step('rmi_granule_undelegate(pfn)', () => gpt(k).store(n, 0));
  return 0;
});

const G1: Invariant = {
  id: 'G1',
  statement: 'a page that a realm has mapped as private is delegated',
  source: 'an example',
  byDefault: true,
  applies: (shape) => shape.memory === 'cca',
  holds: (k) => {
    const isDelegated = (pfn: number) => pfn < 0 || pfn >= k.shape.folios || gpt(k).load(pfn) === 1;
    for (const kvm of k.kvms)
      for (let gfn = 0; gfn < k.shape.gfns; gfn++)
        if (!isDelegated(kvm.sptes.load(gfn))) return false;
    return true;
  },
};

export default variant(protocolById('P9'), {
  id: 'granules',
  title: 'realms: memory of a kind of their own',
  kinds: ['cca'],
  own: {
    state: (shape) => ({ gpt: table(shape.folios, int(0, 1)) }),
    operations: {
      REALM_UNDELEGATE: {
        form: 'REALM_UNDELEGATE(PAGE)',
        enters: 'realm_undelegate',
        run: (k, [index]) => realm_undelegate(k, index!),
      },
    },
    invariants: [G1],
  },
  functions: () => ({ kvm_arch_gmem_prepare, kvm_arch_gmem_invalidate }),
});
