import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findTests } from '../../src/check/tests.js';
import { gmemcheck, refused, tempFile } from '../cli/run.js';

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const ARGS = ['fuzz', '--protocol', 'P3', '--seed', '3', '--max-states', '5000'];
const fuzz = (folder: string, ...more: string[]) => gmemcheck(...ARGS, '--folder', folder, ...more);

/** A kept example, as CI might hand it on. */
const KNOWN = `gmem P0-S1
"S1 breaks"
{ memory=sw; filemap[0]=0; }
 vcpu0       | host                        ;
 run: read 0 | fallocate(PUNCH_HOLE, 0, 1) ;
expect P0: violated S1 in 22 steps, 1 preemption
`;

describe('gmemcheck fuzz', () => {
  it('keeps what it finds, shrunk, and runs it first the next time', async () => {
    const folder = tempFolder();
    const first = await fuzz(folder, '--runs', '10');
    expect(first.status).toBe(1);
    expect(first.out).toContain('seed 3');
    expect(first.out).toContain('proven minimal');
    const [file, ...others] = readdirSync(join(folder, 'examples'));
    expect(others).toEqual([]);
    const path = join(folder, 'examples', file!);
    expect(readFileSync(path, 'utf8')).toContain('expect P3: violated S4 in ');
    expect((await gmemcheck('check', path)).status).toBe(0);
    const second = await fuzz(folder, '--runs', '10');
    expect(second.status).toBe(1);
    expect(second.out).toContain('P3-S4: S4 still breaks');
    expect(second.out).toContain('10 scenarios: 0 new');
  });

  it('is the same for a seed', async () => {
    const [a, b] = [tempFolder(), tempFolder()];
    const answers = [
      await fuzz(a, '--runs', '10', '--json'),
      await fuzz(b, '--runs', '10', '--json'),
    ];
    expect(answers[0]).toEqual(answers[1]);
    const other = await gmemcheck('fuzz', '--runs', '0', '--folder', a);
    expect(other.out).toMatch(/seed \d+\n/);
  });

  it('takes in a corpus, and asks of it what its protocol is asked', async () => {
    const folder = tempFolder();
    const corpus = tempFile('corpus.litmus', `${KNOWN}\n${KNOWN.replaceAll('P0', 'P0+stale')}`);
    const run = (protocol: string) =>
      gmemcheck(
        'fuzz',
        '--protocol',
        protocol,
        '--runs',
        '0',
        '--folder',
        folder,
        '--corpus',
        corpus,
      );
    const { status, out } = await run('P0');
    expect([status, out]).toEqual([1, expect.stringContaining('2 examples of ')]);
    expect(out).toContain('P0-S1: S1 still breaks');
    expect((await run('P0')).out).toContain('0 examples of ');
    expect((await run('6.12')).status).toBe(0);
  });

  it('asks of the files of a corpus what they say: conditions and progress, too', async () => {
    const names = ['punch-then-attribute', 'punch-two-pages'];
    const corpus = tempFile('corpus.litmus', names.map((n) => findTests([n])[0]!.text).join('\n'));
    const args = ['--protocol', 'P1', '--runs', '0', '--folder', tempFolder(), '--corpus', corpus];
    const { status, out } = await gmemcheck('fuzz', ...args);
    expect(status).toBe(1);
    expect(out).toContain('punch-then-attribute: condition still breaks');
    expect(out).toContain('punch-two-pages: livelock still breaks');
  });

  it('refuses a corpus that it cannot read, and keeps nothing of it', async () => {
    const folder = tempFolder();
    const corpus = tempFile('corpus.litmus', `${KNOWN}\ngmem broken\n{ nonsense }\n`);
    await refused(['fuzz', '--runs', '0', '--folder', folder, '--corpus', corpus], /corpus/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('gmemcheck fuzz --sequences', () => {
  it.each(['6.12', 'P9'])('prints what a recorder of %s would, again for a seed', async (id) => {
    const args = ['fuzz', '--sequences', '3', '--seed', '4', '--protocol', id];
    const drawn = await gmemcheck(...args);
    expect(drawn).toMatchObject({ status: 0, err: '' });
    expect(await gmemcheck(...args)).toEqual(drawn);
    const file = tempFile('ask.jsonl', drawn.out);
    const { status, out } = await gmemcheck('conform', file, '--protocol', id);
    expect([status, out]).toEqual([0, expect.stringContaining('3 sequences: 3 agree')]);
  });

  it('refuses what is about scenarios, and a version that a recorder has no words for', async () => {
    await refused(['fuzz', '--sequences', '1', '--runs', '3'], '--runs does nothing');
    await refused(['fuzz', '--sequences', '1', '--seed', '1', '--protocol', 'P0'], 'P0');
  });
});
