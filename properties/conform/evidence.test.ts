import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mistakes } from '../../models/mutations/recorded/index.js';
import { committedTests } from '../../src/check/tests.js';
import { packageRoot } from '../../src/root.js';
import { sequencesOf } from './recordings.js';

const page = readFileSync(join(packageRoot, 'docs', 'recordings.md'), 'utf8');
const rows = page
  .slice(0, page.indexOf('\n## '))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, what, kind, why, tests, recordings, told]) => ({
    what: what!,
    kind: kind!,
    why: why!,
    tests: namesIn(tests!),
    recordings: recordings!.match(/\d+\.\d+:\d+/g) ?? [],
    told: namesIn(told!),
  }));

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]!);
}

describe('what the page on recordings names is there', () => {
  it('for each abstraction its kind and a reason', () => {
    expect(rows.length).toBeGreaterThan(10);
    for (const { what, kind, why } of rows) {
      expect(['atomic', 'left out', 'fan-out', 'fairness'], what).toContain(kind);
      expect(why, what).not.toBe('');
    }
  });

  it('tests that are committed', () => {
    const known = committedTests().map((t) => t.name);
    for (const { what, tests } of rows) {
      expect(tests.length, what).toBeGreaterThan(0);
      expect(known, what).toEqual(expect.arrayContaining(tests));
    }
  });

  it('sequences that are fixtures, and changes that one of them tells', () => {
    const known = (['6.12', '7.3'] as const).flatMap((kernel) =>
      sequencesOf(kernel).map((s) => `${kernel}:${s.seq}`),
    );
    for (const { what, recordings, told } of rows) {
      expect(known, what).toEqual(expect.arrayContaining(recordings));
      expect(
        mistakes.map((m) => m.id),
        what,
      ).toEqual(expect.arrayContaining(told));
    }
  });
});
