import { describe, expect, it } from 'vitest';
import { fileOf, findingLines, findings } from '../../src/check/findings.js';

describe('findings', () => {
  const all = findings();

  it('are the sections of docs/findings.md, each a file of its own', () => {
    expect(all.length).toBeGreaterThan(8);
    expect(new Set(all.map(fileOf)).size).toBe(all.length);
    for (const f of all) expect(fileOf(f)).toMatch(/^[a-z0-9-]+\.txt$/);
  });

  it('name the tests that show them', () => {
    const launch = all.find((f) => f.title.startsWith('LAUNCH_UPDATE'))!;
    expect(launch.tests).toEqual(['populate-after-launch']);
    expect(all.filter((f) => f.tests.length > 0).length).toBeGreaterThan(6);
  });

  it('keep their words, in lines that fit a mail', () => {
    for (const finding of all) {
      const lines = findingLines(finding, new Map());
      expect(lines.filter((line) => line.length > 75 || /[^ -~]/.test(line))).toEqual([]);
    }
    const [first] = all;
    expect(findingLines(first!, new Map()).join('\n')).toContain('- Certain: ');
  });
});
