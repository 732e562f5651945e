import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtProgram } from './build.js';
import { namesIn, start, until } from './child.js';
import { isThorough } from '../effort.js';
import { tempFile } from './run.js';

/** Minutes of search, however it is searched. */
const big = (): string =>
  tempFile(
    'big.litmus',
    `gmem big
"Three faults and three punches"
{ memory=snp; pages=2; attr[0]=private; attr[1]=private; }
 vcpu0          | vcpu1          | vcpu2          | host1 | host2 | host3 ;
 run: write 0 1 | run: write 1 2 | run: write 0 3 | ${Array.from({ length: 3 }, () => 'fallocate(PUNCH_HOLE, 0, 2)').join(' | ')} ;
expect P3: holds
`,
  );

/** A test that is soon broken, however it is searched, then the big one, in which the signal comes. */
async function interrupted(signal: 'SIGINT' | 'SIGTERM', ...more: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const saved = join(root, 'saved');
  const command = [
    'check',
    'prep-4-page-left-in-hole',
    big(),
    '--protocol',
    'P3',
    '--workers',
    '1',
    ...more,
  ];
  const { process, ran } = start([builtProgram()], ...command, '--checkpoint', saved);
  onTestFinished(() => void process.kill('SIGKILL'));
  await until(() => namesIn(saved).includes('0.answer'));
  setTimeout(() => process.kill(signal), 500);
  const { status, out, err } = await ran;
  return { status, out, err, saved };
}

describe('a search that is not saved, when it is interrupted', { timeout: 120_000 }, () => {
  const unsaved = [
    [
      'SIGINT',
      130,
      '--reduce all',
      /\d+ states?\s+not\s+expanded/,
      /a reduced search is not saved/,
    ],
    [
      'SIGTERM',
      143,
      '--strategy contexts',
      /interrupted;\s+n\w+\s+(is|even)\s/,
      /a search by contexts is not saved/,
    ],
    [
      'SIGINT',
      130,
      '--strategy urw --runs 1000000000',
      /before\s+\d+\s+more;\s+\d+\s+schedules\s+sampled/,
      /schedules that were drawn are not saved/,
    ],
  ] as const;
  it.each(isThorough ? unsaved : unsaved.slice(0, 1))(
    'by %s, status %i, %s',
    async (signal, expected, line, covered, why) => {
      const { status, out, err, saved } = await interrupted(signal, ...line.split(' '), '--brief');
      expect(status).toBe(expected);
      // All that is printed is whole: two verdicts and what they come to.
      expect(out).toMatch(/^prep-4-page-left-in-hole {2}P3 {2}snp {2}violated: S4s\n/);
      expect(out).toMatch(/\n\nbig {2}P3 {2}snp {2}undecided\n(?: {4}.*\n)+\n2 verdicts: .*\n$/);
      expect(out).toMatch(/interrupted/);
      expect(out).toMatch(covered);
      const text = err.replace(/\s+/g, ' ');
      expect(text).toMatch(why);
      expect(text).toMatch(/interrupted; 1 of 2 tests answered, and saved; .*; to go on, with the/);
      expect(err.split('\n').filter((l) => l.length > 75 && !l.startsWith('  npx'))).toEqual([]);
      expect(err).not.toMatch(/^ +at /m);
      // What is kept is the answer: nothing of a search that cannot be gone on with.
      expect(namesIn(saved).toSorted()).toEqual(['0.answer', 'checkpoint']);
    },
  );

  it('says that only its first part is saved, where that was a search of all states', async () => {
    const more = ['--max-states', '2000', '--json'];
    const { status, out, err, saved } = await interrupted('SIGINT', ...more);
    expect(status).toBe(130);
    const [first, second] = JSON.parse(out) as Record<string, unknown>[];
    expect(first).toMatchObject({ verdict: 'violated' });
    expect(first).not.toHaveProperty('unsaved');
    expect(second).toMatchObject({ verdict: 'undecided', covered: { bound: 'interrupted' } });
    expect(second!.unsaved).toMatch(/^a reduced search is not saved, as it stands on its path/);
    expect(err.replace(/\s+/g, ' ')).toMatch(
      /answered; the search of all states is saved, not what came after it: a reduced search/,
    );
    expect(namesIn(saved)).toContain('0.answer');
  });
});
