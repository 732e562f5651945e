import { describe, expect, it } from 'vitest';
import { runConform } from '../../src/cli/conform.js';
import type { Summary } from '../../src/conform/summary.js';
import { fixtures, sequences } from './recordings.js';

const OPERATIONS = 1665;

describe('the model of 6.12 gives what the kernel gave', () => {
  it('in every sequence, to its last operation', async () => {
    let text = '';
    const status = await runConform(fixtures, { json: true, kernel: '6.12' }, (t) => (text += t));
    // A difference is told with its file, its line and its field.
    expect(JSON.parse(text) as Summary).toEqual({
      protocol: '6.12',
      sequences: 32,
      agree: 32,
      differ: 0,
      outside: 0,
      operations: OPERATIONS,
      differences: [],
      left: [],
    });
    expect(status).toBe(0);
    expect(sequences.map((s) => s.lines.length).reduce((a, b) => a + b)).toBe(OPERATIONS);
  });

  it('and the command says so', async () => {
    let text = '';
    const refused = fixtures.filter((name) => name.endsWith('refused.jsonl'));
    expect(await runConform(refused, {}, (t) => (text += t))).toBe(0);
    expect(text).toBe(
      '4 sequences: 4 agree, 0 differ\n220 operations compared with protocol 6.12\n',
    );
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
