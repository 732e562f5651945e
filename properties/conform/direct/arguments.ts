/** What the arguments of a call are refused for, whatever the state. */

export const PAGE = 4096;
export const [LOG_DIRTY, READONLY, GMEM] = [1, 2, 4];
export const PRIVATE = 8;

export type Version = '6.12' | '7.3';
export type Args = Record<string, number>;

const areAligned = (...values: number[]): boolean => values.every((v) => v % PAGE === 0);
const fits = (start: number, size: number): boolean => start + size < 2 ** 64;
const unless = (isFine: boolean): string | undefined => (isFine ? undefined : 'EINVAL');

export function refusedFile(a: Args, kernel: Version, isDefault: boolean): string | undefined {
  const known = kernel === '6.12' ? [0] : isDefault ? [0, 1, 2, 3] : [0, 1];
  return unless(known.includes(a['flags']!) && a['size']! > 0 && areAligned(a['size']!));
}

export function refusedRegion(a: Args, kernel: Version, isDefault: boolean): string | undefined {
  const { flags, gpa, size, goff } = a;
  const isGmem = (flags! & GMEM) !== 0;
  if (flags! & ~(isGmem ? GMEM : LOG_DIRTY | READONLY)) return 'EINVAL';
  if (!areAligned(gpa!, size!) || !fits(gpa!, size!)) return 'EINVAL';
  if (!isGmem) return undefined;
  const has = !isDefault || kernel !== '6.12';
  return unless(has && areAligned(goff!) && fits(goff!, size!));
}

export function refusedMode({ mode, off, len }: Args, kernel: Version): string | undefined {
  if (off! < 0 || len! <= 0) return 'EINVAL';
  const [keeps, only] = [(mode! & 1) !== 0, mode! & ~1];
  const resizing = kernel === '6.12' ? [8, 32] : [8, 32, 128];
  const isKnown = [0, 16, 64].includes(only) || (keeps ? [2] : resizing).includes(only);
  if (!isKnown) return 'EOPNOTSUPP';
  if (off! + len! >= 2 ** 63) return 'EFBIG';
  if (!keeps || (only !== 0 && only !== 2)) return 'EOPNOTSUPP';
  return unless(areAligned(off!, len!));
}

export function refusedAttributes(a: Args, isDefault: boolean): string | undefined {
  const { attrs } = a;
  if (attrs !== 0 && (attrs !== PRIVATE || isDefault)) return 'EINVAL';
  return refusedRange(a);
}

export const refusedRange = ({ gpa, size, flags }: Args): string | undefined =>
  unless(flags === 0 && size !== 0 && areAligned(gpa!, size!) && fits(gpa!, size!));
