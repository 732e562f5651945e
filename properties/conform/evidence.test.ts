import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finer } from '../../models/finer/index.js';
import { mutations } from '../../models/mutations/index.js';
import { mistakes } from '../../models/mutations/recorded/index.js';
import { committedTests } from '../../src/check/tests.js';
import { packageRoot } from '../../src/root.js';
import { sequencesOf } from './recordings.js';

const read = (page: string) => readFileSync(join(packageRoot, 'docs', `${page}.md`), 'utf8');
const page = read('recordings');
const rows = page
  .slice(0, page.indexOf('\n## '))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, what, kind, why, tests, apart, recordings, told]) => ({
    what: what!,
    kind: kind!,
    why: why!,
    tests: namesIn(tests!),
    apart: namesIn(apart!),
    recordings: recordings!.match(/\d+\.\d+:\d+/g) ?? [],
    told: namesIn(told!),
  }));

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]!);
}

/** The words in bold that an assumption begins with. */
const titlesIn = (text: string, before: string): string[] =>
  [...text.matchAll(new RegExp(`^${before}\\*\\*([^*]+)\\*\\*`, 'gm'))].map((m) =>
    m[1]!.replace(/[.:]$/, ''),
  );

describe('what the page on recordings names is there', () => {
  it('every assumption, for which a row has a kind and a reason', () => {
    const known = new Set(titlesIn(page, '\\| '));
    expect(titlesIn(read('assumptions'), '- ').filter((title) => !known.has(title))).toEqual([]);
    for (const { what, kind, why } of rows) {
      expect(['atomic', 'left out', 'fan-out', 'fairness', 'limit'], what).toContain(kind);
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

  it('steps that are taken apart, each under its assumption, and asked of one of its tests', () => {
    const named = rows.flatMap(({ apart }) => apart);
    expect(new Set(named)).toEqual(new Set(finer.map((f) => f.id)));
    for (const { what, kind, apart } of rows) {
      if (apart.length > 0) expect(kind, what).toBe('atomic');
    }
  });

  it('sequences that are fixtures, and changes that one of them, or a test, tells', () => {
    const sequences = (['6.12', '7.3'] as const).flatMap((kernel) =>
      sequencesOf(kernel).map((s) => `${kernel}:${s.seq}`),
    );
    const changes = [...mistakes.map((m) => m.id), ...mutations.map((m) => m.id)];
    for (const { what, kind, recordings, told, apart } of rows) {
      expect(sequences, what).toEqual(expect.arrayContaining(recordings));
      expect(changes, what).toEqual(expect.arrayContaining(told));
      // What is said to be harmless is shown to be, or would be noticed.
      const isShown = recordings.length + told.length + apart.length > 0;
      if (kind === 'atomic' || kind === 'fan-out') expect(isShown, what).toBe(true);
    }
  });
});
