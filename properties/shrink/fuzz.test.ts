import fc from 'fast-check';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { scenarios } from '../../models/arbitraries/index.js';
import { readTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { findTests } from '../../src/check/tests.js';
import { drawnScenarios } from '../../src/shrink/generated.js';
import { Examples } from '../../src/shrink/examples.js';
import { isLike } from '../../src/shrink/known.js';
import { gmemcheck, refused, tempFile } from '../cli/run.js';

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const ARGS = ['fuzz', '--protocol', 'P3', '--seed', '24', '--max-states', '3000'];
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
    const first = await fuzz(folder, '--runs', '5');
    expect(first.status).toBe(1);
    expect(first.out).toContain('seed 24');
    expect(first.out).toContain('proven minimal');
    const [file, ...others] = readdirSync(join(folder, 'examples'));
    expect(others).toEqual([]);
    const path = join(folder, 'examples', file!);
    expect(readFileSync(path, 'utf8')).toContain('expect P3: violated S4 in ');
    expect((await gmemcheck('check', path)).status).toBe(0);
    const second = await fuzz(folder, '--runs', '5');
    expect(second.status).toBe(1);
    expect(second.out).toContain('P3-S4: S4 still breaks');
    expect(second.out).toContain('5 scenarios: 0 new');
  });

  it('is the same for a seed', async () => {
    const [a, b] = [tempFolder(), tempFolder()];
    const answers = [
      await fuzz(a, '--runs', '5', '--json'),
      await fuzz(b, '--runs', '5', '--json'),
    ];
    expect(answers[0]).toEqual(answers[1]);
    const other = await gmemcheck('fuzz', '--runs', '0', '--folder', a);
    expect(other.out).toMatch(/seed \d+\n/);
  });

  it('draws the same however many are drawn at a time', () => {
    const protocol = protocolById('6.12');
    const whole = fc.sample(scenarios(protocol), { seed: 7, numRuns: 20 });
    expect([...drawnScenarios(protocol, 7, 20, 6)]).toEqual(whole);
  });

  it('prints tokens of a variant that can be replayed', async () => {
    const file = 'docs/examples/early-end.ts';
    const args = ['--protocol', file, '--runs', '8', '--seed', '1', '--max-states', '1000'];
    const { out } = await gmemcheck('fuzz', ...args, '--folder', tempFolder(), '--json');
    const { found } = JSON.parse(out) as { found: { token: string; property: string }[] };
    expect(found.length).toBeGreaterThan(0);
    const replayed = await gmemcheck('replay', found[0]!.token, '--json');
    expect(JSON.parse(replayed.out)).toMatchObject({ property: found[0]!.property });
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

  it('asks for what an example says, though another property breaks sooner', async () => {
    const corpus = tempFile(
      'two.litmus',
      `gmem two
{ memory=snp; gfns=2; attr[0]=private; attr[1]=private; slot[0]=(0, 1, 0, 0); }
 vcpu0         | host                                           | host1                       ;
 run: read 0   | after vcpu0:r0                                 | fallocate(PUNCH_HOLE, 0, 1) ;
 after host:r2 | KVM_SET_USER_MEMORY_REGION2(0, 0, 0)           |                             ;
 run: read 1   | KVM_SET_USER_MEMORY_REGION2(0, 1, 1, gmem0, 0) |                             ;
check S4s
expect P3: violated S4s in 33 steps
`,
    );
    const { status, out } = await fuzz(tempFolder(), '--runs', '0', '--corpus', corpus);
    expect(out).toContain('two: S4s still breaks');
    expect(status).toBe(1);
  });

  it('knows what does all that an example does; what breaks by less is new', () => {
    const larger = KNOWN.replace('1) ;', '1) ;\n             | fallocate(ALLOCATE, 0, 1) ;');
    const [small, large] = [KNOWN, larger].map((text) => readTest(text, 'it.litmus').scenario);
    expect(isLike(small!, large!)).toBe(true);
    expect(isLike(large!, small!)).toBe(false);
    expect(isLike({ ...small!, tlb: true }, large!)).toBe(false);
  });

  it('refuses what is no example', async () => {
    const corpus = tempFile('holds.litmus', KNOWN.replace(/violated.*/, 'holds'));
    const args = ['fuzz', '--runs', '0', '--folder', tempFolder(), '--corpus', corpus];
    await refused(args, /P0-S1 is no example: expected a line such as 'expect P3: violated S1'/);
  });

  it('refuses a corpus that it cannot read, and keeps nothing of it', async () => {
    const folder = tempFolder();
    const corpus = tempFile('corpus.litmus', `${KNOWN}\ngmem broken\n{ nonsense }\n`);
    await refused(['fuzz', '--runs', '0', '--folder', folder, '--corpus', corpus], /corpus/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('an example that several keep at once', () => {
  const rename = fs.renameSync;
  const inPlaceOfRename = (other: typeof rename): void => {
    fs.renameSync = other;
    syncBuiltinESMExports();
  };
  afterEach(() => inPlaceOfRename(rename));

  it('is there, whole and once, whoever comes in between', () => {
    const folder = tempFolder();
    inPlaceOfRename((from, to) => {
      inPlaceOfRename(rename);
      new Examples(folder).keep(KNOWN);
      rename(from, to);
    });
    const path = new Examples(folder).keep(KNOWN)!;
    expect(readdirSync(join(folder, 'examples'))).toEqual([basename(path)]);
    expect(readFileSync(path, 'utf8')).toBe(KNOWN);
  });

  it('is shown where it cannot be kept, and leaves nothing behind', async () => {
    const folder = tempFolder();
    inPlaceOfRename(() => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    });
    const { status, out, err } = await fuzz(folder, '--runs', '5');
    expect([status, err]).toEqual([2, expect.stringMatching(/cannot write .*: ENOSPC/)]);
    expect(out).toContain('proven minimal');
    expect(readdirSync(join(folder, 'examples'))).toEqual([]);
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
    await refused(['fuzz', '--sequences', '1', '--statistics'], '--statistics does nothing');
    await refused(['fuzz', '--sequences', '1', '--seed', '1', '--protocol', 'P0'], 'P0');
  });
});
