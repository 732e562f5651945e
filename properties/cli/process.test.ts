import { expect, it } from 'vitest';
import { builtProgram } from './build.js';
import { start } from './child.js';
import { litmus, tempFile } from './run.js';

it('the process ends with the documented status', async () => {
  const run = (...args: string[]) =>
    start([builtProgram()], 'check', ...args, '--workers', '1').ran;
  const ran = await Promise.all([
    run(litmus()),
    run(litmus('expect 6.12: violated S1')),
    run('nowhere'),
    run(litmus(), '--max-states', '5'),
    // A variant that ends it all has answered nothing.
    run(litmus(), '--protocol', tempFile('exit.ts', 'process.exit(0);')),
  ]);
  expect(ran.map((r) => r.status)).toEqual([0, 1, 2, 3, 2]);
  expect(ran.map((r) => r.err.split('\n').length - 1)).toEqual([0, 0, 1, 0, 1]);
  expect(ran.map((r) => r.out === '')).toEqual([false, false, true, false, true]);
});
