import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { P9 } from '../../models/protocols/P9.js';
import { v6_12 } from '../../models/protocols/v6_12.js';
import { asRecording } from '../../src/conform/as-recording.js';
import { compareSequence } from '../../src/conform/compare.js';
import { parseRecording } from '../../src/conform/read.js';
import { effort } from '../effort.js';
import { SEED } from '../model/seed.js';
import { ARGUMENTS, DirectVm, recordedDirectly } from './direct/index.js';
import { operations, sequences, type SequenceKind, type Op } from '../../src/conform/sequences.js';
import { fixturesOf } from './recordings.js';

const PROTOCOLS = { '6.12': v6_12, '7.3': P9 } as const;
const kinds: readonly (SequenceKind & { title: string; kernel: '6.12' | '7.3' })[] = [
  { title: '6.12', kernel: '6.12', weird: false, mmap: false, vmType: 1 },
  { title: '6.12, invalid arguments', kernel: '6.12', weird: true, mmap: false, vmType: 1 },
  { title: '6.12, a default VM', kernel: '6.12', weird: true, mmap: false, vmType: 0 },
  { title: '7.3', kernel: '7.3', weird: false, mmap: false, vmType: 1 },
  { title: '7.3, invalid arguments', kernel: '7.3', weird: true, mmap: false, vmType: 1 },
  { title: '7.3, mapped', kernel: '7.3', weird: true, mmap: true, vmType: 1 },
  { title: '7.3, a default VM, mapped', kernel: '7.3', weird: true, mmap: true, vmType: 0 },
];

describe('whatever the recorder may ask, the model answers as is said directly', () => {
  it.each(kinds)('$title', ({ kernel, ...kind }) => {
    fc.assert(
      fc.property(operations(kind), (asked) => {
        const [sequence] = parseRecording(recordedDirectly(kernel, kind, asked), 'r');
        const compared = compareSequence(sequence!, PROTOCOLS[kernel]);
        expect(compared).toMatchObject({ difference: null, outside: null });
        expect(compared.operations).toBeGreaterThan(10);
      }),
      { seed: SEED, numRuns: effort(2) },
    );
  });
});

it('a mapping stays the one of the file before, where another mmap() is refused', () => {
  const asked: Op[] = [
    { op: 'create_gmem', g: 0, size: 0x8000, flags: 3 },
    { op: 'mmap_gmem', g: 0, len: 0xa000 },
    { op: 'close_gmem', g: 0 },
    { op: 'create_gmem', g: 0, size: 0x1000, flags: 3 },
    { op: 'mmap_gmem', g: 0, len: 0 },
    { op: 'map_read', g: 0, page: 0 },
  ];
  const kind = { weird: true, mmap: true, vmType: 0 } as const;
  const [sequence] = parseRecording(recordedDirectly('7.3', kind, asked), 'r');
  expect(compareSequence(sequence!, P9).difference).toBeNull();
});

describe('what is said directly is what was recorded', () => {
  it.each(['6.12', '7.3'] as const)('of %s', (kernel) => {
    let machine = new DirectVm(kernel, false);
    for (const file of fixturesOf(kernel))
      for (const text of readFileSync(file, 'utf8').trim().split('\n')) {
        const { seq: _, i: __, ...line } = JSON.parse(text) as Op;
        if (line['op'] === 'vm') machine = new DirectVm(kernel, line['vm_type'] === 0);
        else expect(machine.line(argumentsOf(line))).toEqual(line);
      }
  });
});

/** The line without what came of it. */
function argumentsOf(line: object): Op {
  const known = Object.entries(line).filter(([name]) => ARGUMENTS.includes(name));
  return Object.fromEntries(known) as Op;
}
describe('a sequence that is drawn', () => {
  it.each(kinds)(
    'prints as a recording that the model agrees with: $title',
    ({ kernel, ...kind }) => {
      fc.assert(
        fc.property(sequences(kind, { min: 5, max: 15 }), (text) => {
          const [sequence] = parseRecording(asRecording(text, PROTOCOLS[kernel]), 'r');
          const { difference, outside } = compareSequence(sequence!, PROTOCOLS[kernel]);
          expect([difference, outside]).toEqual([null, null]);
        }),
        { seed: SEED, numRuns: effort(2) },
      );
    },
  );
});
