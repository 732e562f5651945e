import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../models/protocol.js';
import { P9 } from '../../models/protocols/P9.js';
import { v6_12 } from '../../models/protocols/v6_12.js';
import { Follower } from '../../src/conform/follow.js';
import { planSequence } from '../../src/conform/plan.js';
import { fieldsOf } from '../../src/conform/predict.js';
import { parseRecording } from '../../src/conform/read.js';
import { effort } from '../effort.js';
import { SEED } from '../model/seed.js';
import { sequences, type SequenceKind } from '../../src/conform/sequences.js';
import { asRecording } from '../../src/conform/as-recording.js';
import { compareSequence } from '../../src/conform/compare.js';

/** Runs the model through a sequence: what stops it is thrown. */
function predict(text: string, protocol: Protocol): number {
  const [sequence] = parseRecording(text, 'r');
  const plan = planSequence(sequence!, protocol);
  expect(plan.outside?.why).toBeUndefined();
  const follower = new Follower(plan, protocol);
  for (const planned of plan.operations) {
    const { outcome, look } = follower.follow(planned);
    for (const { name, model } of fieldsOf(plan, planned, outcome, look))
      expect(model, `${planned.line.op.op} ${name}`).not.toBeUndefined();
  }
  return plan.operations.length;
}

const kinds: readonly (SequenceKind & { title: string; protocol: Protocol })[] = [
  { title: '6.12', protocol: v6_12, weird: false, mmap: false, vmType: 1 },
  { title: '6.12, invalid arguments', protocol: v6_12, weird: true, mmap: false, vmType: 1 },
  { title: '6.12, a default VM', protocol: v6_12, weird: true, mmap: false, vmType: 0 },
  { title: '7.3', protocol: P9, weird: false, mmap: false, vmType: 1 },
  { title: '7.3, invalid arguments', protocol: P9, weird: true, mmap: false, vmType: 1 },
  { title: '7.3, mapped', protocol: P9, weird: true, mmap: true, vmType: 1 },
  { title: '7.3, a default VM, mapped', protocol: P9, weird: true, mmap: true, vmType: 0 },
];

describe('whatever the recorder may ask, the model has an answer', () => {
  it.each(kinds)('$title', ({ protocol, ...kind }) => {
    fc.assert(
      fc.property(sequences(kind, { min: 25, max: 40 }), (text) => {
        expect(predict(text, protocol)).toBeGreaterThan(20);
      }),
      { seed: SEED, numRuns: effort(3) },
    );
  });
});

describe('a sequence that is drawn', () => {
  it.each(kinds)(
    'prints as a recording that the model agrees with: $title',
    ({ protocol, ...kind }) => {
      fc.assert(
        fc.property(sequences(kind, { min: 5, max: 15 }), (text) => {
          const [sequence] = parseRecording(asRecording(text, protocol), 'r');
          const { difference, outside } = compareSequence(sequence!, protocol);
          expect([difference, outside]).toEqual([null, null]);
        }),
        { seed: SEED, numRuns: effort(2) },
      );
    },
  );
});
