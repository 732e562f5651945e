import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { build, namesIn, start, until } from './child.js';
import { gmemcheck, type Ran } from './run.js';

let built: ReturnType<typeof build>;
beforeAll(() => void (built = build()), 120_000);
afterAll(() => built.remove());

/** What `check` says with so many threads. */
async function check(workers: number, ...args: string[]): Promise<Ran> {
  const { ran } = start(built.program, 'check', ...args, '--workers', `${workers}`);
  const { status, out, err } = await ran;
  return { status, out, err };
}

/** Some that hold, some that do not, a witness, a lasso, an error path, two lock orders. */
const SIX = [
  'fault-vs-punch',
  'close-vs-delete-slot',
  'prep-1-populate-after-allocate',
  'punch-two-pages',
  'prep-4-page-left-in-hole',
  'allocate-fails',
];

describe('what is said does not depend on the number of threads', { timeout: 120_000 }, () => {
  it.each([
    ['of a campaign', [...SIX, '--json']],
    ['of a campaign, in words', [...SIX, '--coverage']],
    ['of a sampled campaign', [...SIX, '--strategy', 'portfolio', '--runs', '1500', '--json']],
  ])('%s', async (_, args) => {
    const [one, two] = await Promise.all([check(1, ...args), check(2, ...args)]);
    expect(one.out.length).toBeGreaterThan(10_000);
    expect(two).toEqual(one);
    // And on the sources, where there are no threads.
    expect(await gmemcheck('check', ...args)).toEqual({ ...one, err: '' });
  });

  const one = (test: string, protocol: string) => [test, '--protocol', protocol];
  it.each([
    // Broken while measuring; in the third slice; in the tenth; never; a witness.
    ['pct', '3000', one('prep-4-page-left-in-hole', 'P3')],
    ['random', '3000', one('prep-6-attribute-first', 'P2')],
    ['urw', '20000', one('prep-6-attribute-first', '6.12')],
    ['portfolio', '4000', one('fault-vs-punch', 'P3')],
    ['random', '5000', one('two-faults-vs-two-punches', 'P3')],
    ['random', '2000', one('prep-2-first-access', 'P2')],
  ])('of one test by %s, %s runs of %j', async (strategy, runs, args) => {
    const rest = [...args, '--strategy', strategy, '--runs', runs, '--seed', '3'];
    const [alone, shared] = await Promise.all([check(1, ...rest), check(3, ...rest)]);
    expect(shared).toEqual(alone);
    expect(alone.out).toMatch(/schedules\s+sampled|found\s+while\s+measuring/);
  });
});

describe('drawing on several threads', { timeout: 60_000 }, () => {
  // Two of them: of one, a checkpoint would keep nothing.
  const tests = ['fault-vs-punch', 'fault-vs-punch-sw', '--protocol', 'P3'];
  const endless = [...tests, '--strategy', 'random', '--json'];

  it('ends soon after the user has had enough, undecided, with what was drawn', async () => {
    const root = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const saved = join(root, 'saved');
    const more = ['--runs', '1000000000', '--workers', '4', '--checkpoint', saved];
    const { process, ran } = start(built.program, 'check', ...endless, ...more);
    // From then on it listens; some seconds later it draws.
    await until(() => namesIn(saved).length > 0);
    setTimeout(() => process.kill('SIGINT'), 3_000);
    const { status, out } = await ran;
    expect(status).toBe(130);
    const results = JSON.parse(out) as { verdict: string; note: string }[];
    // None where threads had no time to start.
    for (const { verdict, note } of results) {
      expect(verdict).toBe('undecided');
      expect(note).toMatch(/^interrupted before \d+ more; \d+ schedules sampled/);
    }
  });

  it('ends soon after a run that breaks something, however many were asked for', async () => {
    const args = ['prep-4-page-left-in-hole', '--protocol', 'P3', '--strategy', 'random', '--json'];
    const { out } = await check(2, ...args, '--runs', '1000000000');
    const [result] = JSON.parse(out) as { verdict: string; note: string }[];
    expect(result).toMatchObject({ verdict: 'violated' });
  });
});
