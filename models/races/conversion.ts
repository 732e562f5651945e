import type { Race } from './race.js';

const series = 'guest_memfd in-place conversion, v1 to v8, 2025-05 to 2026-06';

/** In-place conversion against faults, references and holes. */
export const conversionRaces: readonly Race[] = [
  {
    id: 'host-maps-private-page',
    kind: 'race',
    what: 'A host fault looks a page up, the page becomes private, and then the host maps it.',
    source: '__kvm_gmem_set_attributes(): why it counts references',
    breaks: { test: 'conv-vs-host-fault', under: 'convert-counts-no-references', property: 'S8' },
    mended: {
      test: 'conv-vs-host-fault',
      under: 'C1',
      by: 'the fault has a reference, which the conversion finds: -EAGAIN',
    },
  },
  {
    id: 'prepared-behind-conversion',
    kind: 'race',
    what: 'A guest fault prepares a page that a conversion has made shared in between.',
    source: series,
    breaks: { test: 'conv-to-shared-snp', under: 'fault-without-invalidate-lock', property: 'S5' },
    mended: {
      test: 'conv-to-shared-snp',
      under: 'C1',
      by: 'kvm_gmem_get_pfn() holds the invalidate_lock from the look-up to the preparation',
    },
  },
  {
    id: 'populate-takes-its-own-lock',
    kind: 'race',
    what: 'Populate, under the invalidate_lock, calls what takes it: the fault path, the attribute.',
    source: 'Re: guest_memfd: kvm_gmem_get_pfn() and the invalidate_lock, 2025-03 to 2025-06',
    breaks: { test: 'conv-populate', under: 'populate-asks-the-vm', property: 'deadlock' },
    mended: { test: 'conv-populate', under: 'C1', by: 'populate looks the attribute up itself' },
  },
  {
    id: 'lru-batch-refuses-conversion',
    kind: 'race',
    what: 'A per-CPU batch of new folios has a reference: to private fails, and nobody uses the page.',
    source: 'KVM: guest_memfd: Handle lru_add fbatch refcounts during conversion safety check',
    breaks: { test: 'conv-lru-batch', under: 'C1v4', property: 'condition' },
    mended: { test: 'conv-lru-batch', under: 'C1', by: 'lru_add_drain_all(), once' },
  },
  {
    id: 'guest-fault-refuses-conversion',
    kind: 'race',
    what: 'A vCPU in a fault on the page has a reference to it: to private fails.',
    source: 'found by this model; the reference is dropped in the newest tree',
    breaks: { test: 'conv-vs-guest-fault', under: 'C1', property: 'condition' },
    mended: {
      test: 'conv-vs-guest-fault',
      under: 'C2',
      by: 'kvm_gmem_get_pfn() drops the page before it drops the invalidate_lock',
    },
  },
  {
    id: 'zapped-then-refused',
    kind: 'race',
    what: 'A conversion that is refused has zapped the guest by then.',
    source: 'review of [RFC PATCH v2 04/51], 2025-05',
    breaks: { test: 'conv-zap-then-fail', under: 'C0', property: 'condition' },
    mended: { test: 'conv-zap-then-fail', under: 'C1', by: 'the references are counted first' },
  },
  {
    id: 'hole-before-conversion',
    kind: 'race',
    what: 'User space punches a hole and then makes it shared: a private fault fills it in between.',
    source: 'private_mem_conversions_test.c, handle_exit_hypercall()',
    breaks: { test: 'conv-hole-first', under: 'C1', property: 'condition' },
    mended: undefined,
  },
  {
    id: 'populate-maps-by-fault',
    kind: 'race',
    what: 'Populate of a TD, under the invalidate_lock, maps the page by way of the fault path.',
    source: 'Re: guest_memfd: kvm_gmem_get_pfn() and the invalidate_lock, 2025-03 to 2025-06',
    breaks: { test: 'conv-tdx-populate', under: 'populate-by-fault', property: 'deadlock' },
    mended: {
      test: 'conv-tdx-populate',
      under: 'C2',
      by: 'kvm_tdp_mmu_map_private_pfn(), which is given the page (6.19)',
    },
  },
  {
    id: 'conversion-behind-failed-zap',
    kind: 'race',
    what: 'The TDX module keeps a page that a conversion zaps; the host maps it all the same.',
    source: 'Yan Zhao, 2025-06-25, of conversion after a SEAMCALL that failed',
    breaks: { test: 'conv-tdx-zap-fails', under: 'C2', property: 'S8' },
    mended: {
      test: 'conv-tdx-zap-fails',
      under: 'convert-asks-whether-zapped',
      by: 'a conversion that asks, and returns -EFAULT: proposed, in no posting',
    },
  },
  {
    id: 'already-private-zapped',
    kind: 'race',
    what: 'To private of a range zaps pages of it that are private already; a TD loses them.',
    source: 'Suzuki Poulose, 2026-06, in reply to v8 of the series, of Arm CCA',
    breaks: { test: 'conv-tdx-already-private', under: 'C1', property: 'condition' },
    mended: {
      test: 'conv-tdx-already-private',
      under: 'C2',
      by: 'the filter of a conversion is what the pages were before',
    },
  },
  {
    id: 'lru-batch-refuses-for-ever',
    kind: 'race',
    what: 'User space tries a conversion to private again and again, and nobody drains the batch.',
    source: 'KVM: guest_memfd: Handle lru_add fbatch refcounts during conversion safety check',
    breaks: { test: 'conv-l4-batch', under: 'C1v4', property: 'doomed' },
    mended: { test: 'conv-l4-batch', under: 'C1', by: 'lru_add_drain_all(), once' },
  },
];
