import { NONE } from '../state/shape.js';
import { answered, given, without } from './edit.js';
import { by, INVALIDATE_LOCK, type Mutation } from './mutation.js';
import { behind, returning, withoutOnce } from './order.js';

/** In-place conversion as posted in 2026: its order, its checks, what it tells user space. */
export const conversionOrder: readonly Mutation[] = [
  {
    id: 'convert-stores-before-zap',
    base: 'C2',
    why: 'the attribute is stored before the guest is unmapped',
    change: (f) => ({
      __kvm_gmem_set_attributes: behind(
        f.__kvm_gmem_set_attributes,
        'kvm_gmem_invalidate_begin',
        'mas_store_prealloc(',
      ),
    }),
    caught: by('S7', 'conv-vs-guest-fault'),
  },
  {
    id: 'convert-stores-after-end',
    base: 'C2',
    why: 'the attribute is stored when the invalidation has ended',
    change: (f) => ({
      __kvm_gmem_set_attributes: behind(
        f.__kvm_gmem_set_attributes,
        'mas_store_prealloc(',
        'kvm_gmem_invalidate_end',
      ),
    }),
    caught: by('S7', 'conv-vs-guest-fault'),
  },
  {
    id: 'convert-gives-pages-back-late',
    base: 'C1',
    why: 'a conversion to shared stores the attribute before the RMP gives the pages back',
    change: (f) => ({
      __kvm_gmem_set_attributes: behind(
        f.__kvm_gmem_set_attributes,
        'kvm_gmem_make_shared',
        'mas_store_prealloc(',
      ),
    }),
    caught: by('S5', 'conv-to-shared-snp'),
  },
  {
    id: 'convert-without-end',
    base: 'C1',
    why: 'a conversion begins an invalidation and does not end it',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, ['kvm_gmem_invalidate_end']),
    }),
    caught: by('S3', 'conv-retried'),
  },
  {
    id: 'convert-checks-before-unmap',
    base: 'C1',
    why: 'references are counted before the VMM is unmapped',
    change: (f) => ({
      __kvm_gmem_set_attributes: behind(
        f.__kvm_gmem_set_attributes,
        'unmap_mapping_pages',
        'kvm_gmem_invalidate_begin',
      ),
    }),
    caught: by('condition', 'conv-preserved'),
  },
  {
    id: 'convert-unmaps-one-page-less',
    base: 'C1',
    why: 'unmap_mapping_pages() leaves out the last page of the range',
    change: (f) => ({
      unmap_mapping_pages: given(f.unmap_mapping_pages, (k, inode, start, end) => [
        k,
        inode,
        start,
        end - 1,
      ]),
    }),
    caught: by('condition', 'conv-preserved'),
  },
  {
    id: 'convert-counts-one-page-less',
    base: 'C1',
    why: 'the references to the last page of the range are not counted',
    change: (f) => ({
      kvm_gmem_unsafe_page: given(f.kvm_gmem_unsafe_page, (k, inode, start, end) => [
        k,
        inode,
        start,
        end - 1,
      ]),
    }),
    caught: by('S8', 'conv-pinned'),
  },
  {
    id: 'convert-expects-no-batch',
    base: 'C1',
    why: "the reference of filemap_get_folios() is taken for somebody else's",
    change: (f) => ({
      kvm_gmem_unsafe_page: answered(f.kvm_gmem_unsafe_page, 'folio_ref_count(folio)', 0),
    }),
    caught: by('S13', 'conv-retried'),
  },
  {
    id: 'convert-error-next-page',
    base: 'C1',
    why: 'the error names the page behind the one that is in the way',
    change: (f) => ({
      kvm_gmem_unsafe_page: returning(f.kvm_gmem_unsafe_page, (r) =>
        r === NONE ? r : (r as number) + 1,
      ),
    }),
    caught: by('S13', 'conv-pinned'),
  },
  {
    id: 'convert-error-names-range',
    base: 'C1',
    why: 'the error names the beginning of the range, not the page',
    change: (f) => ({
      __kvm_gmem_set_attributes: returning(f.__kvm_gmem_set_attributes, (r) => [
        (r as readonly number[])[0]!,
        0,
      ]),
    }),
    caught: by('condition', 'conv-pinned'),
  },
  {
    id: 'convert-refused-says-zero',
    base: 'C1',
    why: 'a conversion that meets references returns 0 instead of -EAGAIN',
    change: (f) => ({
      __kvm_gmem_set_attributes: returning(f.__kvm_gmem_set_attributes, () => [0, 0]),
    }),
    caught: by('condition', 'conv-pinned'),
  },
  {
    id: 'convert-vs-unlocked-populate',
    base: 'C1',
    why: '__kvm_gmem_populate() takes no invalidate_lock',
    change: (f) => ({ __kvm_gmem_populate: without(f.__kvm_gmem_populate, INVALIDATE_LOCK) }),
    caught: by('S5', 'conv-populate'),
  },
  {
    id: 'populate-converted',
    base: 'C1',
    why: 'populate does not look whether the page is private',
    change: (f) => ({
      __kvm_gmem_populate: answered(f.__kvm_gmem_populate, 'mtree_load(&gi->attributes, index)', 1),
    }),
    caught: by('S5', 'conv-populate'),
  },
  {
    id: 'private-pin-is-a-reference',
    base: 'C2',
    why: 'folio_maybe_dma_pinned() and folio_mapped() are not asked',
    change: (f) => ({
      kvm_gmem_unsafe_page: answered(f.kvm_gmem_unsafe_page, 'folio_maybe_dma_pinned', 0),
    }),
    caught: { equivalent: 'a pin and a PTE are references too, and those are counted next' },
  },
  {
    id: 'fault-keeps-nothing-and-does-not-look',
    base: 'C2',
    why: 'the fault, without a reference, does not ask mmu_invalidate_seq under mmu_lock',
    change: (f) => ({
      kvm_tdp_mmu_page_fault: answered(f.kvm_tdp_mmu_page_fault, 'is_page_fault_stale', false),
    }),
    caught: by('S7', 'conv-vs-guest-fault'),
  },
  {
    id: 'rfc-counts-no-references',
    base: 'C0',
    why: 'the RFC converts to private whoever has references',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(
        f.__kvm_gmem_set_attributes,
        ['kvm_gmem_unsafe_page'],
        () => NONE,
      ),
    }),
    caught: by('S8', 'conv-pinned'),
  },
  {
    id: 'rfc-leaves-host-ptes',
    base: 'C0',
    why: 'the RFC does not unmap the VMM',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, ['unmap_mapping_pages']),
    }),
    caught: by('condition', 'conv-preserved'),
  },
  {
    id: 'rfc-refused-does-not-end',
    base: 'C0',
    why: 'the RFC, refused, leaves the invalidation open',
    change: (f) => ({
      __kvm_gmem_set_attributes: withoutOnce(
        f.__kvm_gmem_set_attributes,
        ['kvm_gmem_invalidate_end'],
        'kvm_gmem_unsafe_page',
        (page) => page !== NONE,
      ),
    }),
    caught: by('S3', 'conv-pinned'),
  },
  {
    id: 'rfc-takes-nothing-back',
    base: 'C0',
    why: 'a store that fails leaves what was stored before it',
    change: (f) => ({
      __kvm_gmem_set_attributes: withoutOnce(
        f.__kvm_gmem_set_attributes,
        ['kvm_gmem_shareability_store('],
        'kvm_gmem_shareability_store(',
        (failed) => failed === 1,
      ),
    }),
    caught: by('condition', 'conv-taken-back'),
  },
  {
    id: 'rfc-does-not-zap',
    base: 'C0',
    why: 'the RFC converts without an invalidation',
    change: (f) => ({
      __kvm_gmem_set_attributes: without(f.__kvm_gmem_set_attributes, [
        'kvm_gmem_invalidate_begin',
        'kvm_gmem_invalidate_end',
      ]),
    }),
    caught: by('S7', 'conv-zap-then-fail'),
  },
  {
    id: 'rfc-host-fault-without-lock',
    base: 'C0',
    why: 'a host fault of the RFC takes no invalidate_lock',
    change: (f) => ({
      kvm_gmem_fault_user_mapping: without(f.kvm_gmem_fault_user_mapping, [
        'filemap_invalidate_lock_shared(',
        'filemap_invalidate_unlock_shared(',
      ]),
    }),
    caught: by('S8', 'conv-vs-host-fault'),
  },
  {
    id: 'mode-zero-not-of-what-stays',
    base: 'C1',
    why: 'a content mode is applied to pages whose attribute changes, and to no others',
    change: (f) => ({
      __kvm_gmem_set_attributes: withoutOnce(
        f.__kvm_gmem_set_attributes,
        ['kvm_gmem_apply_content_mode'],
        'kvm_gmem_range_has_attributes()',
        (has) => has === 1,
      ),
    }),
    caught: by('condition', 'conv-mode-zero-again'),
  },
  {
    id: 'mode-zero-forgotten',
    base: 'C1',
    why: 'ZERO is accepted, and nothing is cleared',
    change: (f) => ({
      kvm_gmem_apply_content_mode: without(f.kvm_gmem_apply_content_mode, ['clear_highpage']),
    }),
    caught: by('condition', 'conv-mode-race'),
  },
  {
    id: 'mode-preserve-after-launch',
    base: 'C1',
    why: 'PRESERVE is accepted of encrypted memory at any time',
    change: (f) => ({
      kvm_gmem_content_mode_is_supported: answered(
        f.kvm_gmem_content_mode_is_supported,
        'kvm_gmem_content_mode_is_supported()',
        1,
      ),
    }),
    caught: by('condition', 'conv-mode-launch'),
  },
];
