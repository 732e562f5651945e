import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { litmus, type Ran } from './run.js';

const jiti = join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib');

/** The program itself, on its sources: a build might be stale. */
function run(...args: string[]): Promise<Ran> {
  const command = [join(jiti, 'jiti-cli.mjs'), 'src/cli/main.ts', ...args];
  return new Promise((done) => {
    const child = execFile(process.execPath, command, { timeout: 120_000 }, (_error, out, err) =>
      done({ status: child.exitCode ?? -1, out, err }),
    );
  });
}

it('the process ends with the documented status', async () => {
  const ran = await Promise.all([
    run('check', litmus()),
    run('check', litmus('expect 6.12: violated S1')),
    run('check', 'nowhere'),
    run('check', litmus(), '--max-states', '5'),
  ]);
  expect(ran.map((r) => r.status)).toEqual([0, 1, 2, 3]);
  expect(ran.map((r) => r.err.split('\n').length - 1)).toEqual([0, 0, 1, 0]);
  expect(ran.map((r) => r.out === '')).toEqual([false, false, true, false]);
});
