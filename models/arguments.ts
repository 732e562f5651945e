import { EFBIG, EINVAL, ENODEV, EOPNOTSUPP } from './errno.js';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  GUEST_MEMFD_FLAG_INIT_SHARED,
  GUEST_MEMFD_FLAG_MMAP,
  KVM_MEMORY_ATTRIBUTE_PRIVATE,
  KVM_MEM_GUEST_MEMFD,
  KVM_MEM_LOG_DIRTY_PAGES,
  KVM_MEM_READONLY,
} from './uapi.js';

/**
 * What the kernel says to a call's arguments alone, before it looks at any
 * state: 0, or the errno. Sizes are bytes here; calls of the model that pass
 * take pages. From 6.12.117, and from 7.3.4 what a guest_memfd that can be mapped changed.
 */

/** What the checks of arguments ask of a VM. */
export interface Supports {
  /** KVM_X86_DEFAULT_VM: kvm_arch_has_private_mem() is false. */
  readonly defaultVm: boolean;
  /** A version whose guest_memfds can be mapped; then default VMs may have them in slots. */
  readonly mmap: boolean;
}

/** Private memory and nothing else: 6.12. */
export const PRIVATE_ONLY: Supports = { defaultVm: false, mmap: false };

const PAGE = 4096n;
const KVM_MEM_MAX_NR_PAGES = (1n << 31n) - 1n;
const WRAP = 1n << 64n;
const MAX_LFS_FILESIZE = (1n << 63n) - 1n;

const aligned = (...values: number[]): boolean => values.every((v) => BigInt(v) % PAGE === 0n);

/** gpa + size as the kernel's u64 has it: does it stay below 2^64? */
const wraps = (start: number, size: number): boolean => BigInt(start) + BigInt(size) >= WRAP;

/** kvm_gmem_get_supported_flags() */
function supportedFlags({ defaultVm, mmap }: Supports): number {
  if (!mmap) return 0;
  return GUEST_MEMFD_FLAG_MMAP | (defaultVm ? GUEST_MEMFD_FLAG_INIT_SHARED : 0);
}

/** kvm_gmem_create() */
export function createArguments(size: number, flags: number, supports = PRIVATE_ONLY): number {
  const isKnown = BigInt(flags) <= 3n && (flags & ~supportedFlags(supports)) === 0;
  return !isKnown || size <= 0 || !aligned(size) ? -EINVAL : 0;
}

/** __kvm_set_memory_region() up to the look-up of the slot. */
export function regionArguments(
  flags: number,
  gpa: number,
  size: number,
  goff: number,
  { defaultVm, mmap }: Supports = PRIVATE_ONLY,
): number {
  const gmem = (flags & KVM_MEM_GUEST_MEMFD) !== 0;
  if (gmem && defaultVm && !mmap) return -EINVAL;
  const valid = gmem ? KVM_MEM_GUEST_MEMFD : KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY;
  if (flags < 0 || flags > 0xffff || (flags & ~valid) !== 0) return -EINVAL;
  if (!aligned(gpa, size) || wraps(gpa, size)) return -EINVAL;
  if (BigInt(size) / PAGE > KVM_MEM_MAX_NR_PAGES) return -EINVAL;
  return gmem && (!aligned(goff) || wraps(goff, size)) ? -EINVAL : 0;
}

/** kvm_vm_ioctl_set_mem_attributes() */
export function attributeArguments(
  gpa: number,
  size: number,
  attrs: number,
  flags: number,
  { defaultVm }: Supports = PRIVATE_ONLY,
): number {
  const supported = defaultVm ? 0 : KVM_MEMORY_ATTRIBUTE_PRIVATE;
  if (flags !== 0 || (attrs !== 0 && attrs !== supported)) return -EINVAL;
  if (size === 0 || wraps(gpa, size)) return -EINVAL;
  return aligned(gpa, size) ? 0 : -EINVAL;
}

/** kvm_vcpu_pre_fault_memory() */
export function preFaultArguments(gpa: number, size: number, flags: number): number {
  if (flags !== 0 || !aligned(gpa, size)) return -EINVAL;
  return size === 0 || wraps(gpa, size) ? -EINVAL : 0;
}

/** vfs_fallocate(), then kvm_gmem_fallocate(). */
export function fallocateArguments(
  mode: number,
  offset: number,
  len: number,
  { mmap }: Supports = PRIVATE_ONLY,
): number {
  if (offset < 0 || len <= 0) return -EINVAL;
  if (!isKnownMode(mode, mmap)) return -EOPNOTSUPP;
  if (BigInt(offset) + BigInt(len) > MAX_LFS_FILESIZE) return -EFBIG;
  if (!(mode & FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
  if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) return -EOPNOTSUPP;
  return aligned(offset, len) ? 0 : -EINVAL;
}

/** mmap() with MAP_SHARED, up to the file's own method: 6.12's guest_memfds have none. */
export function mmapArguments(len: number, { mmap }: Supports = PRIVATE_ONLY): number {
  if (len === 0) return -EINVAL;
  return mmap ? 0 : -ENODEV;
}

const [COLLAPSE, ZERO_RANGE, INSERT, UNSHARE] = [0x08, 0x10, 0x20, 0x40] as const;
const MODES = [0, FALLOC_FL_PUNCH_HOLE, COLLAPSE, ZERO_RANGE, INSERT, UNSHARE];
/** Since 6.17; each of these says where the file ends by itself. */
const WRITE_ZEROES = 0x80;
const RESIZING: readonly number[] = [COLLAPSE, INSERT, WRITE_ZEROES];

/** One mode at most, with or without KEEP_SIZE as that mode demands. */
function isKnownMode(mode: number, knowsWriteZeroes: boolean): boolean {
  const keeps = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  const only = mode & ~FALLOC_FL_KEEP_SIZE;
  if (!MODES.includes(only) && !(knowsWriteZeroes && only === WRITE_ZEROES)) return false;
  if (only === FALLOC_FL_PUNCH_HOLE) return keeps;
  return !keeps || !RESIZING.includes(only);
}

/** Who checks which call's arguments. */
export const argumentChecks = {
  createArguments,
  regionArguments,
  attributeArguments,
  preFaultArguments,
  fallocateArguments,
  mmapArguments,
};
export type ArgumentChecks = typeof argumentChecks;
