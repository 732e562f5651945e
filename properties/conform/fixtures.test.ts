import { describe, expect, it } from 'vitest';
import { v6_12 } from '../../models/protocols/v6_12.js';
import { runConform } from '../../src/cli/conform.js';
import { compareSequence } from '../../src/conform/compare.js';
import type { Summary } from '../../src/conform/summary.js';
import { fixtures, sequences } from './recordings.js';

describe('the model of 6.12 gives what the kernel gave', () => {
  it.each(sequences.map((s) => [s.seq, s] as const))('sequence %i', (_, sequence) => {
    const compared = compareSequence(sequence, v6_12);
    expect(compared.difference).toBeNull();
    expect(compared.outside).toBeNull();
    expect(compared.operations).toBe(sequence.lines.length);
  });

  it('and the command says so', async () => {
    let text = '';
    expect(await runConform(fixtures, {}, (t) => (text += t))).toBe(0);
    expect(text).toBe(
      '24 sequences: 24 agree, 0 differ\n1235 operations compared with protocol 6.12\n',
    );
  });

  it('in JSON as well', async () => {
    let text = '';
    expect(await runConform(fixtures, { json: true, kernel: '6.12' }, (t) => (text += t))).toBe(0);
    expect(JSON.parse(text) as Summary).toEqual({
      protocol: '6.12',
      sequences: 24,
      agree: 24,
      differ: 0,
      outside: 0,
      operations: 1235,
      differences: [],
      left: [],
    });
  });
});

describe('what the fixtures contain', () => {
  const lines = sequences.flatMap((s) => s.lines.map((l) => l.op));

  it('every operation', () => {
    expect([...new Set(lines.map((l) => l.op))].toSorted()).toEqual([
      'close_gmem',
      'create_gmem',
      'fallocate',
      'guest_read',
      'guest_write',
      'host_read',
      'host_write',
      'prefault',
      'set_attr',
      'set_region',
    ]);
  });

  it('both ways in which a stale MMIO SPTE shows', () => {
    expect(lines.some((l) => 'mf' in l && l.mf?.flags === 0)).toBe(true);
    const isPrivateLater = sequences.filter((s) => {
      const made = new Set<number>();
      return s.lines.some(({ op }) => {
        if (op.op === 'set_attr' && op.ret === 0)
          for (let gpa = op.gpa; gpa < op.gpa + op.size; gpa += 4096)
            if (op.attrs === 8) made.add(gpa);
            else made.delete(gpa);
        return 'mmio' in op && op.mmio !== undefined && made.has(op.gpa);
      });
    });
    expect(isPrivateLater.length).toBeGreaterThan(2);
  });

  it('holes beyond the file, and pre-faults that end early', () => {
    expect(lines.some((l) => l.op === 'fallocate' && l.mode === 3 && l.off >= 32768)).toBe(true);
    expect(lines.some((l) => l.op === 'prefault' && l.ret === 0 && l.out.size > 0)).toBe(true);
  });

  it('every error that the recorder saw', () => {
    expect([...new Set(lines.map((l) => l.errno))].filter(Boolean).toSorted()).toEqual([
      'EBADF',
      'EFAULT',
      'EFBIG',
      'EINVAL',
      'ENOENT',
      'EOPNOTSUPP',
    ]);
  });
});
