import fc from 'fast-check';
import { hasOperation } from '../../models/operations.js';
import type { Protocol } from '../../models/protocol.js';
import { asRecording } from './as-recording.js';
import { sequences, type SequenceKind } from './sequences.js';

/** What a version can be asked: plain arguments, any, and those of a VM without private memory. */
function kindsOf(protocol: Protocol): readonly SequenceKind[] {
  const mmap = hasOperation(protocol, 'mmap');
  return [
    { weird: false, mmap: false, vmType: 1 },
    { weird: true, mmap, vmType: 1 },
    { weird: true, mmap, vmType: 0 },
  ];
}

/**
 * So many random sequences of operations, of each kind in turn, as the recording that a
 * kernel of this version would have made of them.
 * @throws InputError where the version has not got what a recorder asks for
 */
export function drawnRecording(protocol: Protocol, seed: number, many: number): string {
  const kinds = kindsOf(protocol);
  return Array.from({ length: many }, (_, at) => {
    const [text] = fc.sample(sequences(kinds[at % kinds.length]!), { seed: seed + at, numRuns: 1 });
    return asRecording(numbered(text!, at + 1), protocol);
  }).join('\n');
}

const numbered = (text: string, seq: number): string =>
  text
    .split('\n')
    .map((line) => JSON.stringify({ ...(JSON.parse(line) as object), seq }))
    .join('\n');
