import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gmemcheck, refused, tempFile } from './run.js';

/** A series on P9 with these functions. */
const series = (functions: string): string =>
  tempFile(
    'my-series.ts',
    `import { answered, given, later, protocolById, replace, variant, without } from 'gmemcheck';
export default variant(protocolById('P9'), {
  id: 'my-series',
  title: 'a series',
  functions: (base) => ({
    ${functions}
  }),
});
`,
  );

const DROPPED =
  "kvm_gmem_punch_hole: without(base.kvm_gmem_punch_hole, ['kvm_gmem_invalidate_end']),";

describe('a variant that has no effect is refused, with its place', () => {
  it.each([
    [
      'a step that is not there',
      "kvm_gmem_punch_hole: later(base.kvm_gmem_punch_hole, 'kvm_gmem_invalidate_begi'),",
      /my-series\.ts:6: no test comes to a step .* did you mean 'kvm_gmem_invalidate_begin'/,
    ],
    [
      'a function that these tests do not reach',
      "kvm_gmem_release: without(base.kvm_gmem_release, ['list_del']),",
      /my-series\.ts:6: my-series changes nothing that is reached here; tests that .* close-vs-/,
    ],
    ['no function', '', /my-series\.ts:2: my-series changes no function of P9/],
    [
      'a function that is the same',
      'kvm_gmem_release: base.kvm_gmem_release,',
      /kvm_gmem_release\(\) is the same as in P9/,
    ],
    [
      'what is no function',
      'kvm_gmem_release: 3 as never,',
      /kvm_gmem_release is no kernel function/,
    ],
    [
      'a name that the base has not got',
      'kvm_gmem_releas: base.kvm_gmem_release,',
      /P9 has no function 'kvm_gmem_releas'; did you mean 'kvm_gmem_release'/,
    ],
  ])('%s', (_, functions, message) =>
    refused(['check', 'fault-vs-punch', '--protocol', series(functions)], message),
  );
});

describe('gmemcheck diff', () => {
  it('shows the steps of what differs side by side', async () => {
    const { status, out } = await gmemcheck('diff', 'upstream', 'docs/examples/early-end.ts');
    expect(status).toBe(0);
    expect(out).toMatch(/ {2}truncate_inode_pages_range\(\) +<\n/);
    expect(out).toMatch(/\n +> truncate_inode_pages_range\(\)\n/);
    expect(out).toContain('\n1 function differs\n');
    expect(out.split('\n').filter((l) => l.length > 75 && !l.startsWith('  npx'))).toEqual([]);
  });

  it('says so where nothing does', async () => {
    expect((await gmemcheck('diff', 'P9', 'P9')).out).toContain('\n0 functions differ\n');
    const json = await gmemcheck('diff', 'P9', 'upstream', '--json');
    expect(JSON.parse(json.out)).toEqual({ left: 'P9', right: 'P9', functions: [] });
  });
});

describe('gmemcheck matrix', () => {
  const tests = ['--tests', 'fault-vs-punch', 'punch-two-pages', 'allocate-vs-punch'];

  it('shows where verdicts differ, and what to look at next', async () => {
    const { status, out } = await gmemcheck('matrix', 'upstream', series(DROPPED), ...tests);
    expect(status).toBe(1);
    expect(out).toMatch(/^fault-vs-punch +holds +S3 in \d+$/m);
    expect(out).toMatch(/npx gmemcheck check fault-vs-punch --protocol .*my-series\.ts\n$/);
    expect(out.split('\n').filter((l) => l.length > 75 && !l.startsWith('  npx'))).toEqual([]);
  });

  it('ends with status 0 where none differs', async () => {
    const { status, out } = await gmemcheck('matrix', '6.12', 'P6', ...tests);
    expect({ status }).toEqual({ status: 0 });
    expect(out).toContain('0 differ, 3 do not');
    const json = await gmemcheck('matrix', '6.12', 'P6', ...tests, '--json');
    expect(JSON.parse(json.out)).toMatchObject([
      { test: 'fault-vs-punch', differs: false },
      {},
      {},
    ]);
  });

  it('needs two', () => refused(['matrix', '6.12'], /name two protocols or more/));
});

describe('gmemcheck init', () => {
  it.each([
    ['litmus', 'my-question.litmus', ['check']],
    ['variant', 'my-series.ts', ['check', 'fault-vs-punch', '--brief', '--protocol']],
  ])('%s: writes a file that runs, and never over another', async (what, name, command) => {
    const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, name);
    const { status, out } = await gmemcheck('init', what, file);
    expect(status).toBe(0);
    expect(out).toContain(file);
    const text = readFileSync(file, 'utf8');
    await refused(['init', what, file], /it is there already/);
    expect(readFileSync(file, 'utf8')).toBe(text);
    const ran = await gmemcheck(...command, file);
    expect(ran).toMatchObject({ err: '', status: what === 'litmus' ? 0 : 1 });
  });

  it('says where it cannot', async () => {
    await refused(['init', 'litmus', '/nowhere/at/all.litmus'], /there is no such folder/);
    await refused(['init', 'protocol'], /variant, litmus/);
  });
});

describe('the examples of the manual', () => {
  it('v3 14/16: private faults that skip the stale check break S1', async () => {
    const file = 'docs/examples/private-faults-v3.ts';
    const { out } = await gmemcheck('matrix', 'P1', file, '--tests', 'punch-two-pages');
    expect(out).toMatch(/^punch-two-pages +livelock in \d+ +S1 in 35$/m);
  });

  it('the split series: a split without its error path mends half of what it is for', async () => {
    const three = ['H0', 'docs/examples/split-before-zap.ts', 'H1'];
    const { out } = await gmemcheck(
      'matrix',
      ...three,
      '--tests',
      'huge-punch-half',
      'huge-split-fails',
    );
    expect(out).toMatch(/^huge-punch-half +S6 in 10 +holds +holds$/m);
    expect(out).toMatch(/^huge-split-fails +S6 in 10 +S6 in 24 +holds$/m);
  });

  it('a kind of memory, an operation and an invariant of its own', async () => {
    const file = 'docs/examples/granules';
    const args = [`${file}.litmus`, '--protocol', `${file}.ts`];
    const { status, out } = await gmemcheck('check', ...args);
    expect({ status, out }).toMatchObject({
      status: 0,
      out: expect.stringMatching(/violated: G1/),
    });
    const token = /gmc1-[\w-]+/.exec(out)![0];
    expect((await gmemcheck('replay', token)).out).toContain('BUG: G1 is violated');
    await refused(
      ['check', ...args.slice(0, 1), '--protocol', 'P9'],
      /granules\.litmus:6:\d+: unknown operation 'REALM_UNDELEGATE'/,
    );
  });

  it('an actor of its own: a page that is reclaimed under its mapping', async () => {
    const file = 'docs/examples/reclaim';
    const args = [`${file}.litmus`, '--protocol', `${file}.ts`, '--json'];
    const { status, out } = await gmemcheck('check', ...args);
    expect({ status, result: JSON.parse(out)[0] }).toMatchObject({
      status: 0,
      result: { verdict: 'violated', property: 'S1', expected: true },
    });
  });

  it('an invalidation that ends early breaks S1', async () => {
    const args = ['fault-vs-punch', '--protocol', 'docs/examples/early-end.ts', '--json'];
    const [result] = JSON.parse((await gmemcheck('check', ...args)).out) as object[];
    expect(result).toMatchObject({ verdict: 'violated', property: 'S1' });
  });
});
