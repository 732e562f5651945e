import { from } from '../../source.js';
import { populateOne } from '../P3z.js';

const gmem = from(
  'virt/kvm/guest_memfd.c',
  'wip-tdx-gmem-conversions-hugetlb-2mept-v2 (Re: [RFC PATCH 08/21], Ackerley Tng, 2025-06-05)',
);

/**
 * The image of a TD is added in pages of 4K. The first makes all of its huge page prepared, so
 * that for the others a page which is prepared is none that exists already.
 */
export const kvm_gmem_populate_one = gmem(populateOne((k) => k.shape.memory !== 'tdx'));
