import fc from 'fast-check';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { v6_12 } from '../../models/protocols/v6_12.js';
import { runConform } from '../../src/cli/conform.js';
import { compareSequence } from '../../src/conform/compare.js';
import { parseRecording } from '../../src/conform/read.js';
import { InputError } from '../../src/core/errors.js';
import { fixtures } from './recordings.js';

const VM = { seq: 7, i: -1, op: 'vm', vm_type: 1, page: 4096, N: 8 };
const ST = { g: [null, null], pages_4k: 0 };
const OK = { ret: 0, errno: null, st: ST };
const CREATE = { seq: 7, i: 0, op: 'create_gmem', g: 0, size: 32768, flags: 0, ...OK };

const lines = (...all: unknown[]): string =>
  all.map((l) => (typeof l === 'string' ? l : JSON.stringify(l))).join('\n');

/** What is said of a recording: parsed, then compared. */
function said(text: string): string {
  try {
    const found = parseRecording(text, 'r').map((s) => compareSequence(s, v6_12).difference);
    return JSON.stringify(found);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
}

describe('a malformed recording is told by file and line what was expected', () => {
  const { size: _, ...sizeless } = CREATE;
  it.each<[string, string, string]>([
    ['nothing', '', 'r: expected a recording, JSON lines; it has no sequence'],
    ['only blank lines', '\n \n', 'r: expected a recording, JSON lines; it has no sequence'],
    ['no JSON', lines(VM, '{"seq":7,'), `r:2: expected one JSON object, got '{"seq":7,'`],
    ['not an object', '[1]', 'r:1: line: expected object, received array'],
    ['no vm line', lines(CREATE), 'r:1: expected the line "op":"vm" that begins sequence 7'],
    [
      'another sequence',
      lines(VM, { ...CREATE, seq: 8 }),
      'r:2: expected the line "op":"vm" that begins sequence 8',
    ],
    [
      'an operation is missing',
      lines(VM, { ...CREATE, i: 1 }),
      'r:2: expected operation 0 of sequence 7, got 1',
    ],
    [
      'an SEV VM',
      lines({ ...VM, vm_type: 2 }),
      'r:1: expected vm_type 0 (KVM_X86_DEFAULT_VM) or 1 (KVM_X86_SW_PROTECTED_VM), got 2',
    ],
    [
      'an access through no mapping',
      lines(VM, { seq: 7, i: 0, op: 'map_read', g: 1, page: 0, got: 0, ...OK }),
      'r:2: expected a mapping of handle 1 (mmap_gmem) before it is accessed',
    ],
    [
      'an argument is missing',
      lines(VM, sizeless),
      'r:2: create_gmem.size: expected number, received undefined',
    ],
    [
      'a fraction',
      lines(VM, { ...CREATE, size: 0.5 }),
      'r:2: create_gmem.size: expected a whole number',
    ],
    [
      'a wrong type deep inside',
      lines(VM, { ...CREATE, st: { ...ST, g: [{ size: 'x' }] } }),
      'r:2: create_gmem.st.g.0.size: expected number, received string',
    ],
    [
      'a bitmap of letters',
      lines(VM, { ...CREATE, st: { ...ST, g: [{ size: 0, pop: 'ab', pop_beyond: 0 }] } }),
      `r:2: create_gmem.st.g.0.pop: expected a string of '0' and '1', one per page`,
    ],
    [
      'a handle out of range',
      lines(VM, { ...CREATE, g: 99 }),
      'r:2: create_gmem.g: Too big: expected number to be <=15',
    ],
  ])('%s', (_, text, message) => {
    expect(said(text)).toBe(message);
  });

  it('an unknown operation, with the nearest known one', () => {
    expect(said(lines(VM, { ...CREATE, op: 'create_gmen' }))).toMatch(
      /^r:2: expected an operation \(vm, create_gmem, .*\), got 'create_gmen'; did you mean 'create_gmem'\?$/,
    );
  });

  it('an unknown error name', () => {
    expect(said(lines(VM, { ...CREATE, ret: -1, errno: 'ENOPE' }))).toMatch(
      /^r:2: create_gmem.errno: expected one of "EPERM"/,
    );
  });
});

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
      { numRuns: 200 },
    );
  });
});

describe('the command refuses what it cannot compare', () => {
  const run = (files: string[], args: object) => runConform(files, args, () => {});
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));

  it.each<[string, object, RegExp]>([
    [
      'a kernel without a protocol',
      { kernel: '6.18' },
      /^the model has no protocol for kernel 6\.18 yet: expected 6\.12, 7\.3, or --protocol$/,
    ],
    [
      'a kernel that is none',
      { kernel: 'constructor' },
      /^the model has no protocol for kernel constructor yet/,
    ],
    ['an unknown protocol', { protocol: '6.21' }, /^no protocol '6\.21'; did you mean '6\.12'\?/],
    ['both', { kernel: '6.12', protocol: '6.12' }, /^give either --kernel or --protocol/],
  ])('%s', async (_, args, message) => {
    await expect(run([...fixtures], args)).rejects.toThrow(InputError);
    await expect(run([...fixtures], args)).rejects.toThrow(message);
  });

  it('a file that is not there, and one that is not text', async () => {
    await expect(run([join(folder, 'none')], {})).rejects.toThrow(/there is no such file$/);
    const binary = join(folder, 'binary');
    writeFileSync(binary, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00]));
    await expect(run([binary], {})).rejects.toThrow(/it is not UTF-8 text$/);
  });

  it('says where a sequence differs, and gives status 1', async () => {
    const file = join(folder, 'differs');
    writeFileSync(file, lines(VM, CREATE));
    let text = '';
    expect(await runConform([file], {}, (t) => (text += t))).toBe(1);
    expect(text).toBe(
      `${file}:2: sequence 7, operation 0, create_gmem\n    st.g[0]: recorded null, model open\n` +
        '1 sequence: 0 agree, 1 differs\n1 operation compared with protocol 6.12\n',
    );
  });

  it('leaves what the model has not got, and gives status 3', async () => {
    const file = join(folder, 'leaves');
    const region = { slot: 1, flags: 2, gpa: 0x200000, size: 4096, g: -1, goff: 0 };
    writeFileSync(file, lines(VM, { seq: 7, i: 0, op: 'set_region', ...region, ...OK }));
    let text = '';
    expect(await runConform([file], {}, (t) => (text += t))).toBe(3);
    expect(text).toContain(
      `${file}:2: sequence 7 is not compared further\n    slot 1 somewhere else than at gpa 0x100000\n`,
    );
  });
});
