import { expect, it } from 'vitest';
import { gmemcheck, refused } from './run.js';

it('show locks prints who nests in whom, and the cycles', async () => {
  const { status, out } = await gmemcheck('show', 'locks', '--protocol', 'P0');
  expect(status).toBe(0);
  expect(out).toMatch(/^lock order under P0: /);
  expect(out).toContain('\ninode->i_rwsem\n  -> ');
  expect(out).toContain('possible circular locking dependency under P0:\n  folio -> kvm->mmu_lock');
  expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
});

it('show locks as one JSON document', async () => {
  const { out } = await gmemcheck('show', 'locks', '--protocol', 'P0', '--json');
  const order = JSON.parse(out) as { nestings: unknown[]; cycles: unknown[][] };
  expect(Object.keys(order)).toEqual(['protocol', 'nestings', 'cycles']);
  expect(order.cycles.map((c) => c.length)).toEqual([1, 2, 2, 3, 3]);
});

it('a flow that does not exist may have been meant as locks', async () => {
  await refused(['show', 'lock'], "did you mean 'locks'?");
});
