import type { Kernel } from '../../../kernel.js';
import { from } from '../../../source.js';
import type { Kvm } from '../../../state/structs.js';
import * as rfc from './split.js';

/**
 * As posted: what the split gives is kept in a bool, so that an error comes back as 1.
 */
export const kvm_split_cross_boundary_leafs = from(
  'arch/x86/kvm/mmu/mmu.c',
  'TDX huge pages, v3 11/24 (2026-01-06)',
)(function* kvm_split_cross_boundary_leafs(k: Kernel, kvm: Kvm, start: number, end: number) {
  return (yield* rfc.kvm_split_cross_boundary_leafs(k, kvm, start, end)) === 0 ? 0 : 1;
});
