import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileOf, findingLines, findingOf, findings } from '../../src/check/findings.js';
import { packageRoot } from '../../src/root.js';

describe('findings', () => {
  const all = findings();

  it('are the sections of docs/findings/*.md, each a file of its own', () => {
    expect(all.length).toBeGreaterThan(8);
    expect(new Set(all.map(fileOf)).size).toBe(all.length);
    for (const f of all) expect(fileOf(f)).toMatch(/^[a-z0-9-]+\.txt$/);
  });

  it('are listed in docs/findings.md, each behind the link to its file', () => {
    const listed = readFileSync(join(packageRoot, 'docs/findings.md'), 'utf8').split(/^(?=\[)/m);
    const sections = listed.slice(1).map((part) => {
      const [link, ...titles] = part.trim().split(/\n+(?:- )?/);
      return { file: `docs/${/\((.*)\)$/.exec(link!)![1]}`, titles };
    });
    for (const { file, titles } of sections)
      expect(titles).toEqual(all.filter((f) => f.file === file).map((f) => f.title));
    expect(new Set(sections.map((s) => s.file))).toEqual(new Set(all.map((f) => f.file)));
  });

  it('name the tests that show them', () => {
    const launch = all.find((f) => f.title.startsWith('LAUNCH_UPDATE'))!;
    expect(launch.tests).toEqual(['populate-after-launch', 'populate-created-meanwhile']);
    expect(all.filter((f) => f.tests.length > 0).length).toBeGreaterThan(6);
  });

  it('say what is certain, what they rest on and what would confirm them', () => {
    for (const { certain, rests, confirm } of all)
      for (const part of [certain, rests, confirm]) expect(part.length).toBeGreaterThan(15);
    const parts = ['- Certain, as posted: a', '- Rests on the model: b', '- Would confirm it: c'];
    expect(findingOf(`t\n\n${parts.join('\n')}`, 'holes.md')).toMatchObject({
      certain: 'a',
      rests: 'b',
      confirm: 'c',
    });
    for (const missing of parts) {
      const section = `t\n\n${parts.filter((p) => p !== missing).join('\n')}`;
      expect(() => findingOf(section, 'holes.md')).toThrow(/holes\.md, 't': expected '- /);
    }
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
