import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { litmus } from './run.js';

const jiti = join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib');

/** The program itself, on its sources: a build might be stale. */
function run(...args: string[]) {
  const command = [join(jiti, 'jiti-cli.mjs'), 'src/cli/main.ts', ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 30_000 });
}

describe('the process', () => {
  it.each<[number, () => string[]]>([
    [0, () => ['check', litmus()]],
    [1, () => ['check', litmus('expect 6.12: violated S1')]],
    [2, () => ['check', 'nowhere']],
    [3, () => ['check', litmus(), '--max-states', '5']],
  ])('ends with status %i', (status, args) => {
    const ran = run(...args());
    expect(ran.status, ran.stderr).toBe(status);
    expect(ran.stderr.split('\n').length - 1).toBe(status === 2 ? 1 : 0);
    expect(ran.stdout === '').toBe(status === 2);
  });
});
