import { describe, expect, it } from 'vitest';
import { predicted } from './predicted.js';

/**
 * What the recorder could have asked and did not: the answers here were read in the source
 * that each test names, 6.12.117 where it says nothing else.
 */

const PAGE = 4096;
const [HOME, FAR] = [0x100000, 2 ** 63 - PAGE];
const create = (flags: number) => ({ op: 'create_gmem', g: 0, size: 8 * PAGE, flags });
const mmap = (len = 10 * PAGE) => ({ op: 'mmap_gmem', g: 0, len });
const close = { op: 'close_gmem', g: 0 };
const region = (flags: number, pages = 8) => ({
  op: 'set_region',
  slot: 1,
  gpa: HOME,
  size: pages * PAGE,
  flags,
  g: flags & 4 ? 0 : -1,
  goff: 0,
});
const fallocate = (mode: number, off: number, len: number) => ({
  op: 'fallocate',
  g: 0,
  mode,
  off,
  len,
});
const prefault = { op: 'prefault', gpa: HOME, size: PAGE, flags: 0 };
const read = (page: number) => ({ op: 'guest_read', gpa: HOME + page * PAGE });
const write = (page: number, val: number) => ({
  op: 'guest_write',
  gpa: HOME + page * PAGE,
  val,
});
const errnos = (all: readonly { readonly errno?: unknown }[]) => all.map(({ errno }) => errno);

describe('pre-fault', () => {
  const twice = [prefault, region(0), region(0, 0), prefault];

  it('of a default VM never ends in 6.12, when a slot was deleted since the last (R37)', () => {
    expect(() => predicted('6.12', twice, 0)).toThrow('the operation does not end');
  });

  it.each([
    ['6.12', 1],
    ['7.3', 0],
    ['7.3', 1],
  ] as const)('of others does: %s, vm_type %i', (kernel, vmType) => {
    expect(errnos(predicted(kernel, twice, vmType))).toEqual(['ENOENT', null, null, 'ENOENT']);
  });
});

describe('mmap()', () => {
  it('of 6.12 looks for the descriptor, then at the length, then for a method', () => {
    const all = predicted('6.12', [mmap(), create(0), mmap(0), mmap()]);
    expect(errnos(all)).toEqual(['EBADF', null, 'EINVAL', 'ENODEV']);
  });

  it('of 7.3 may be had again, and a file stays as long as one of its mappings', () => {
    const touch = { op: 'map_write', g: 0, page: 1, val: 7 };
    const look = { op: 'map_read', g: 0, page: 1 };
    const made = [create(3), mmap(), mmap(), region(4), touch, look, close, read(1), look];
    const all = predicted('7.3', made, 0);
    expect(errnos(all)).toEqual(made.map(() => null));
    expect([all[5]!['got'], all[7]!['got'], all[8]!['got']]).toEqual([7, 7, 7]);
    expect(all.at(-1)!['st.pages_4k']).toBe(2);
  });

  it('of 7.3 past the end, or of what is private, is SIGBUS', () => {
    const past = { op: 'map_read', g: 0, page: 8 };
    expect(predicted('7.3', [create(3), mmap(), past], 0)[2]!['signal']).toBe(7);
    expect(predicted('7.3', [create(1), mmap(), { ...past, page: 0 }])[2]!['signal']).toBe(7);
  });
});

describe('fallocate() with modes that no guest_memfd has', () => {
  it.each([
    ['6.12', 'EOPNOTSUPP'],
    ['7.3', 'EFBIG'],
  ] as const)('WRITE_ZEROES beyond all is known since 6.17 (fs/open.c): %s %s', (kernel, errno) => {
    const all = predicted(kernel, [
      create(0),
      fallocate(0x80, FAR, FAR),
      fallocate(0x81, FAR, FAR),
    ]);
    expect(errnos(all)).toEqual([null, errno, 'EOPNOTSUPP']);
  });
});

describe('flags of a slot that is there', () => {
  it('the log of dirty pages takes the right to write, which a fault gives back', () => {
    const logged = [
      region(0),
      write(0, 5),
      region(1),
      read(0),
      write(0, 6),
      write(0, 7),
      region(0),
    ];
    const all = predicted('6.12', [...logged, write(0, 8), region(2), region(0, 4)]);
    expect(errnos(all).slice(-2)).toEqual(['EINVAL', 'EINVAL']);
    expect(all.map((p) => p['st.pf_taken']).slice(1, 8)).toEqual([2, 2, 2, 3, 3, 3, 3]);
  });

  it('a write to a read-only slot is MMIO each time, and each time a fault', () => {
    const all = predicted('6.12', [region(2), read(0), write(0, 5), write(0, 6), read(0)]);
    expect(all.map((p) => p['exit'] ?? null)).toEqual([null, 'IO', 'MMIO', 'MMIO', 'IO']);
    expect(all.map((p) => p['st.pf_taken'])).toEqual([0, 2, 3, 4, 4]);
  });

  it('the same flags again are nothing, not even a new generation', () => {
    const far = { op: 'guest_read', gpa: 0x300000 };
    const all = predicted('6.12', [region(0), far, region(0), far, region(1), far]);
    expect(all.map((p) => p['st.pf_taken'])).toEqual([0, 2, 2, 2, 2, 3]);
  });
});
