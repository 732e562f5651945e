import { holds, type Claim, type Unmodelled } from './claim.js';

const source =
  'Re: [RFC PATCH v2 17/23] KVM: guest_memfd: Split for punch hole and private-to-shared ' +
  'conversion, Yan Zhao, 2025-10-13';

const tdx = 'TDX with huge pages';
const conversion = 'in-place conversion';

const unmodelled = (id: string, statement: string, needs: string): Unmodelled => ({
  id,
  kind: 'unmodelled',
  statement,
  source,
  needs,
});

/** The review of the splitting of huge private mappings. */
export const split: readonly Claim[] = [
  unmodelled(
    'SPLIT-1',
    'Under TDX a private mapping that was zapped and comes back must be accepted by the guest ' +
      'again; so a zap must be precise.',
    tdx,
  ),
  unmodelled('SPLIT-2', 'Leaves that cross the boundary of a zap must be split before it.', tdx),
  unmodelled(
    'SPLIT-3',
    'If a split fails the punch returns its error, with nothing zapped or truncated and the ' +
      'invalidation ended.',
    tdx,
  ),
  unmodelled('SPLIT-4', 'The same of a conversion from private to shared.', tdx),
  unmodelled('SPLIT-5', 'kvm_gmem_release() needs no split.', tdx),
  unmodelled(
    'SPLIT-6',
    'kvm_gmem_error_folio() needs no split, since no SPTE maps more than one folio. And if only ' +
      'part of a huge folio is to be unmapped?',
    tdx,
  ),
  unmodelled(
    'SPLIT-7',
    'In a conversion the split must come before the zap, but not before the check for a safe ' +
      'refcount, since TDX holds no reference.',
    tdx,
  ),
  unmodelled(
    'SPLIT-8',
    'The range that is invalidated is rounded to pages, the one that is truncated inwards to huge ' +
      'pages. What can go wrong, and does it help to align them?',
    tdx,
  ),
  unmodelled(
    'SPLIT-9',
    'With 4K pages nothing ever needs a split; with larger ones nothing does if holes are aligned ' +
      'to the page size of the guest_memfd.',
    tdx,
  ),
  {
    id: 'SPLIT-10',
    kind: 'claim',
    statement:
      'Shared to private: host mappings go, then an unsafe refcount gives -EAGAIN with the index of ' +
      'the page, and nothing has changed.',
    source,
    of: ['C1'],
    asWritten: [holds('conv-pinned'), holds('conv-vs-punch'), holds('conv-zap-then-fail')],
    onRecord: 'confirmed',
    note: 'In the first posting (C0) the guest has been zapped by then; nothing else has changed.',
  },
  unmodelled(
    'SPLIT-11',
    'To zap what is private is enough for private to shared; kvm_gmem_error_folio() needs both.',
    conversion,
  ),
  unmodelled(
    'SPLIT-12',
    'With several guest_memfd files on an inode, a split that fails for a later one leaves the ' +
      'earlier ones consistent.',
    tdx,
  ),
  unmodelled(
    'SPLIT-13',
    'To separate kvm_gmem_invalidate_begin() from the zap changes nothing for 4K pages.',
    tdx,
  ),
];
