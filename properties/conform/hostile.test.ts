import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CREATE, lines, OK, said, VM } from './said.js';
import { seedOf } from '../model/seed.js';

describe('a hostile recording neither crashes nor hangs', () => {
  const deep = (n: number): string => '['.repeat(n) + ']'.repeat(n);
  it.each<[string, string, RegExp]>([
    [
      'a huge line',
      `${lines(VM)}\n{"seq":${'7'.repeat(1 << 20)}}`,
      /^r:2: expected a line of at most 65536 characters, got 1048584$/,
    ],
    ['deep JSON', deep(30_000), /^r:1: line: expected object, received array$/],
    [
      'deep JSON in a field',
      lines(VM, `{"seq":7,"i":0,"op":"create_gmem","g":${deep(30_000)}}`),
      /^r:2: create_gmem/,
    ],
    [
      'deep JSON in a field that nobody reads',
      lines(VM, JSON.stringify(CREATE).replace('{', `{"x":${deep(30_000)},`)),
      /st\.g\[0\]/,
    ],
    [
      'control characters',
      lines({ ...VM }, { ...CREATE, op: '\u001b[2J\u0007' }),
      /got '\?\[2J\?'/,
    ],
    ['a prototype as a name', lines(VM, { ...CREATE, op: '__proto__' }), /got '__proto__'/],
    [
      'a number beyond all',
      lines(VM, JSON.stringify(CREATE).replace('32768', '1e999')),
      /^r:2: create_gmem.size: expected number/,
    ],
    [
      'a file of 2^52 pages',
      lines(VM, { ...CREATE, size: 2 ** 62 }),
      /^r:2: sequence 7 is too large: at most 64 pages in a guest_memfd$/,
    ],
    [
      'all of guest memory',
      lines(VM, {
        seq: 7,
        i: 0,
        op: 'set_attr',
        gpa: 0,
        size: 2 ** 63,
        attrs: 8,
        flags: 0,
        out: { gpa: 0, size: 2 ** 63 },
        ...OK,
      }),
      /^r:2: sequence 7 is too large: at most 1024 guest frames touched$/,
    ],
    [
      'ten thousand operations',
      lines(VM, ...Array.from({ length: 10_000 }, (_, i) => ({ ...CREATE, i, flags: 1 }))),
      /^r:2002: sequence 7 is too large: at most 2000 operations$/,
    ],
    [
      'a hundred files',
      lines(VM, ...Array.from({ length: 100 }, (_, i) => ({ ...CREATE, i, g: 0 }))),
      /^r:34: sequence 7 is too large: at most 32 files$/,
    ],
    [
      'a hole of 2^51 pages',
      lines(VM, CREATE, {
        seq: 7,
        i: 1,
        op: 'fallocate',
        g: 0,
        mode: 3,
        off: 0,
        len: 2 ** 62,
        ...OK,
      }),
      /"field":"st.g\[0\]"/,
    ],
  ])('%s', (_, text, message) => {
    expect(said(text)).toMatch(message);
  });

  it('whatever JSON the lines are', () => {
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({
          seq: fc.nat(2),
          i: fc.nat(2),
          op: fc.constantFrom('vm', 'fallocate', 'prefault'),
        })
        .map((o) => JSON.stringify(o)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (all) => {
        expect(said(lines(VM, ...all))).toBeTypeOf('string');
      }),
      { seed: seedOf(1) },
    );
  });

  it('whatever numbers the arguments are', () => {
    const number = fc.oneof(
      fc.integer({ min: -2, max: 20 }).map((n) => n * 4096),
      fc.constantFrom(1, 2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 63), 2 ** 64 - 4096, 0x100000, 0x200000),
    );
    const operation = fc.oneof(
      fc.record({ op: fc.constant('create_gmem'), g: fc.nat(1), size: number, flags: fc.nat(1) }),
      fc.record({ op: fc.constant('close_gmem'), g: fc.nat(1) }),
      fc.record({ op: fc.constant('mmap_gmem'), g: fc.nat(1), len: fc.nat(9000) }),
      fc.record({ op: fc.constant('map_read'), g: fc.nat(1), page: fc.nat(20) }),
      fc.record({
        op: fc.constant('set_region'),
        slot: fc.integer({ min: 1, max: 2 }),
        flags: fc.nat(7),
        gpa: number,
        size: number,
        g: fc.integer({ min: -1, max: 1 }),
        goff: number,
      }),
      fc.record({
        op: fc.constant('fallocate'),
        g: fc.nat(1),
        mode: fc.nat(127),
        off: number,
        len: number,
      }),
      fc.record({
        op: fc.constant('set_attr'),
        gpa: number,
        size: number,
        attrs: fc.constantFrom(0, 8, 1),
        flags: fc.nat(1),
        out: fc.constant({ gpa: 0, size: 0 }),
      }),
      fc.record({
        op: fc.constant('prefault'),
        gpa: number,
        size: number,
        flags: fc.nat(1),
        out: fc.constant({ gpa: 0, size: 0 }),
        run_exit: fc.constant('UNTOUCHED'),
      }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (all) => {
        const text = lines(VM, ...all.map((o, i) => ({ ...o, seq: 7, i, ...OK })));
        expect(said(text)).toBeTypeOf('string');
      }),
      { numRuns: 200, seed: seedOf(2) },
    );
  });
});
