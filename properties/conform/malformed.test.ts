import { describe, expect, it } from 'vitest';
import { CREATE, lines, OK, said, ST, VM } from './said.js';

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
