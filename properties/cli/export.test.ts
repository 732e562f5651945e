import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'found.litmus');
}

async function answerTo(file: string) {
  const { status, out } = await gmemcheck('check', file, '--json');
  const [{ verdict, property, protocol, memory, steps }] = JSON.parse(out);
  return { status, verdict, property, protocol, memory, steps };
}

async function fewestOf(file: string) {
  const { out } = await gmemcheck('check', file, '--strategy', 'contexts', '--json');
  const [{ preemptions, expected }] = JSON.parse(out);
  return [preemptions, expected];
}

describe('what was found comes back as a litmus file', () => {
  it.each<[string, string[]]>([
    ['an invariant', ['prep-4-page-left-in-hole', '--protocol', '6.12']],
    ['a hole', ['prep-4-sw', '--protocol', 'P1', '--memory', 'sw']],
    ['a deadlock', ['memory-failure-vs-punch', '--protocol', 'P1']],
    ['a condition', ['p0-convert-two-pages', '--protocol', 'P0s']],
    ['a witness', ['conv-pinned', '--protocol', 'C2']],
    ['nothing', ['prep-5-second-punch', '--protocol', '6.12']],
    ['a mutation', ['fault-vs-punch', '--protocol', '6.12~no-stale-check']],
  ])('%s', async (_what, args) => {
    const file = newFile();
    const first = await gmemcheck('check', ...args, '--json', '--export', file);
    const [found] = JSON.parse(first.out);
    const { verdict, property, protocol, memory, steps } = found;
    const again = { status: 0, verdict, property, protocol, memory, steps };
    expect(await answerTo(file)).toEqual(again);
    const said = /^expect .* steps?, (\d+) preemption/m.exec(readFileSync(file, 'utf8'));
    if (said) expect(await fewestOf(file)).toEqual([Number(said[1]), true]);
    expect(said === null).toBe(verdict !== 'violated');
    if (found.token === null) return;
    const replayed = await gmemcheck('replay', file, '--json');
    expect(JSON.parse(replayed.out)).toMatchObject({ property, steps });
    const { out } = await gmemcheck('replay', file, '--litmus');
    const { steps: _, ...rest } = again;
    expect(await answerTo(tempFile('again.litmus', out))).toMatchObject(rest);
  });

  it('a run that was drawn: what it breaks, and nothing besides', async () => {
    const file = newFile();
    const drawn = ['--strategy', 'random', '--seed', '3'];
    await gmemcheck(
      'check',
      'p0-freed-page-mapped',
      '--protocol',
      'P0',
      ...drawn,
      '--export',
      file,
    );
    expect(readFileSync(file, 'utf8')).toMatch(/^check only S9\nexpect P0: violated S9$/m);
    expect(await answerTo(file)).toMatchObject({ status: 0, property: 'S9' });
  });

  it('not of several tests, not over another file, not of a run that shows nothing', async () => {
    await refused(['check', 'prep-4-sw', '--export', newFile()], /for one test under one protocol/);
    const there = tempFile('there.litmus', '');
    const one = ['check', 'prep-4-sw', '--protocol', 'P1', '--export'];
    await refused([...one, there], /there is one already/);
    const asked = litmus('exists (filemap[0])', 'memory=snp; attr[0]=private;');
    const { out } = await gmemcheck('litmus', asked, '--protocol', '6.12');
    const [token] = /gmc1-\S+/.exec(out)!;
    expect((await gmemcheck('replay', token, '--litmus')).out).toMatch(/^expect 6\.12: holds$/m);
  });
});
