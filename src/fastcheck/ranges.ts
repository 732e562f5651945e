import fc, { type Arbitrary } from 'fast-check';

/** Some of a row of things: `count` of them from `start`. */
export interface Range {
  readonly start: number;
  readonly count: number;
}

/** Ranges within 0..length-1, at least one long; they shrink to the first alone. */
export function ranges(length: number): Arbitrary<Range> {
  return fc
    .record({ start: fc.nat(length - 1), count: fc.integer({ min: 1, max: length }) })
    .map((range) => clip(range, length));
}

/** The part of a range that lies within 0..length-1, moved there where none does. */
export function clip(range: Range, length: number): Range {
  const start = Math.min(range.start, length - 1);
  return { start, count: Math.min(range.count, length - start) };
}
