import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtProgram, gmemcheckBuilt } from './build.js';
import { namesIn, start, until } from './child.js';
import { findTests } from '../../src/check/tests.js';
import { isThorough } from '../effort.js';
import { gmemcheck, tempFile, type Ran } from './run.js';

/** What `check` says with so many threads. */
const check = (workers: number, ...args: string[]): Promise<Ran> =>
  gmemcheckBuilt('check', ...args, '--workers', `${workers}`);

/** One that holds, one that does not, a lasso; two lock orders. */
const NAMES = ['close-vs-delete-slot', 'prefault-vs-delete-slot', 'prep-4-page-left-in-hole'];

/** Their files, each under two versions only. */
const files = (): string[] =>
  NAMES.map((name) => {
    const { text } = findTests([name])[0]!;
    const question = text.replace(/^expect [^:]*:.*$/gm, '').trimEnd();
    return tempFile(`${name}.litmus`, `${question}\nexpect P2 6.12: holds\n`);
  });

describe('what is said does not depend on the number of threads', { timeout: 120_000 }, () => {
  const campaigns = [
    ['of a campaign', 'in words', ['--coverage']],
    ['of a sampled campaign', 'as JSON', ['--strategy', 'portfolio', '--runs', '600', '--json']],
  ] as const;
  it.each(isThorough ? campaigns : campaigns.slice(0, 1))('%s, %s', async (_, __, more) => {
    const args = [...files(), ...more];
    // On the sources there are no threads.
    const none = await gmemcheck('check', ...args);
    expect(none.out.length).toBeGreaterThan(5_000);
    expect(await check(2, ...args)).toEqual(none);
  });

  const drawn = [
    // Broken in the third slice; never; while measuring; a witness.
    [3, 'random', '3000', 'prep-6-attribute-first', 'P2'],
    [2, 'portfolio', '1000', 'fault-vs-punch', 'P3'],
    [2, 'pct', '3000', 'prep-4-page-left-in-hole', 'P3'],
    [2, 'urw', '2000', 'prep-2-first-access', 'P2'],
  ] as const;
  it.each(isThorough ? drawn : drawn.slice(0, 2))(
    'of one test on %i by %s, %s runs of %s under %s',
    async (...row) => {
      const [workers, strategy, runs, test, protocol] = row;
      const args = [test, '--protocol', protocol, '--strategy', strategy, '--runs', runs];
      const none = await gmemcheck('check', ...args, '--seed', '3');
      expect(none.out).toMatch(/schedules\s+sampled|found\s+while\s+measuring/);
      expect(await check(workers, ...args, '--seed', '3')).toEqual(none);
    },
  );

  it('nor on whether there is one at all', async () => {
    const args = files().slice(0, 1);
    expect(await check(1, ...args)).toEqual(await gmemcheck('check', ...args));
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
    const more = ['--runs', '1000000000', '--workers', '3', '--checkpoint', saved];
    const { process, ran } = start([builtProgram()], 'check', ...endless, ...more);
    // From then on it listens; some seconds later it draws.
    await until(() => namesIn(saved).length > 0);
    setTimeout(() => process.kill('SIGINT'), 1_000);
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
