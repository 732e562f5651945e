/**
 * Error numbers by name, with the values of include/uapi/asm-generic/errno*.h.
 * Only what KVM, guest_memfd and the mm and vfs code around them return.
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  EFBIG: 27,
  ENOSPC: 28,
  ERANGE: 34,
  EDEADLK: 35,
  ENOSYS: 38,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  EHWPOISON: 133,
} as const;

const NAMES = new Map<number, string>(Object.entries(ERRNO).map(([name, n]) => [-n, `-${name}`]));

/** `-EAGAIN` for -11; undefined for a value that is no error known here. */
export function errnoName(value: number): string | undefined {
  return NAMES.get(value);
}

/** A return value as a kernel developer writes it: `-EAGAIN`, `0`, `3`. */
export function resultName(value: number): string {
  return errnoName(value) ?? String(value);
}

/** -11 for `-EAGAIN`; undefined for a text that names no error known here. */
export function errorNumber(text: string): number | undefined {
  const name = text.slice(1);
  if (!text.startsWith('-') || !Object.hasOwn(ERRNO, name)) return undefined;
  return -ERRNO[name as keyof typeof ERRNO];
}
