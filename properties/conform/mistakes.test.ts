import { describe, expect, it } from 'vitest';
import {
  mistakenChecks,
  mistakenProtocol,
  mistakes,
  type Mistake,
} from '../../models/mutations/recorded/index.js';
import { runConform } from '../../src/cli/conform.js';
import { catchOf } from '../../src/conform/catches.js';
import { compareSequence } from '../../src/conform/compare.js';
import { InputError } from '../../src/core/errors.js';
import { fixtures, sequencesOf } from './recordings.js';

const recorded = { '6.12': sequencesOf('6.12'), P9: sequencesOf('7.3') } as const;
const sequenceOf = ({ base, by }: Mistake) => recorded[base].find((s) => s.seq === by[0])!;

describe('the committed recordings tell a wrong model', () => {
  it('of which there are enough, each under a name of its own', () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(30);
    expect(new Set(mistakes.map((m) => m.id)).size).toBe(mistakes.length);
  });

  it.each(mistakes)('$id', (mistake) => {
    const protocol = mistakenProtocol(mistake);
    const { difference } = compareSequence(sequenceOf(mistake), protocol, mistakenChecks(mistake));
    expect(`${difference?.op} ${difference?.field}`).toBe(mistake.by[1]);
  });

  it('and a difference says where it is, what was recorded and what the model did', () => {
    const punch = mistakes.find((m) => m.id === 'punch-keeps-pages')!;
    const { line, operation, op, field, expected, got } = catchOf(punch, [sequenceOf(punch)])!;
    expect([op, field]).toEqual(['fallocate', 'st.g[0].pop']);
    expect(line).toBeGreaterThan(operation);
    expect(expected).toMatch(/^[01]{8}$/);
    expect(got).toMatch(/^[01]{8}$/);
    expect(got).not.toBe(expected);
  });
});

describe('conform --mutations', () => {
  it('refuses a protocol that none is a change of', async () => {
    const run = runConform([...fixtures], { protocol: 'P1', mutations: true }, () => {});
    await expect(run).rejects.toThrow(InputError);
  });
});
