import type { Flow } from '../../src/core/index.js';
import type { GmemFile, Inode, Kvm } from '../state/structs.js';

/** virt/kvm/guest_memfd.c where pages are private or shared in place, and huge. */
export interface ConversionFunctions {
  kvm_gmem_is_private_gfn(kvm: Kvm, gfn: number): Flow<boolean>;
  /** [0 or -errno, index of the page that is in the way] */
  kvm_gmem_set_attributes(
    inode: Inode,
    start: number,
    npages: number,
    attrs: number,
    flags?: number,
  ): Flow<readonly [number, number]>;
  __kvm_gmem_set_attributes(
    inode: Inode,
    start: number,
    end: number,
    attrs: number,
    flags?: number,
  ): Flow<readonly [number, number]>;
  kvm_gmem_content_mode_is_supported(inode: Inode, attrs: number, mode: number): Flow<boolean>;
  kvm_gmem_apply_content_mode(inode: Inode, start: number, end: number, mode: number): Flow;
  /** Index of the first page that somebody else has a reference to, or NONE */
  kvm_gmem_unsafe_page(inode: Inode, start: number, end: number): Flow<number>;
  kvm_gmem_make_shared(inode: Inode, start: number, end: number): Flow;
  kvm_gmem_split_private(file: GmemFile, start: number, end: number): Flow<number>;
  kvm_gmem_invalidate_begin_and_zap(file: GmemFile, start: number, end: number): Flow;
  /** [0 or -errno, index of the page that is in the way] */
  kvm_gmem_convert_should_proceed(
    inode: Inode,
    start: number,
    end: number,
    attrs: number,
  ): Flow<readonly [number, number]>;
  kvm_gmem_convert(
    inode: Inode,
    start: number,
    end: number,
    attrs: number,
  ): Flow<readonly [number, number]>;
  kvm_gmem_zap(file: GmemFile, start: number, end: number, filter: number): Flow;
  kvm_gmem_unmap_private(file: GmemFile, start: number, end: number): Flow;
  kvm_gmem_truncate_inode_range(inode: Inode, start: number, end: number): Flow<number>;
  kvm_gmem_zero_range(inode: Inode, start: number, end: number): Flow;
  kvm_gmem_restructure_folios_in_range(
    inode: Inode,
    start: number,
    end: number,
    split: boolean,
  ): Flow<number>;
}
