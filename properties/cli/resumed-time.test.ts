import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld } from '../../models/world.js';
import { Limits } from '../../src/check/limits.js';
import { findProtocol } from '../../src/check/protocols.js';
import type { CheckOptions, Found } from '../../src/check/question.js';
import { findTests } from '../../src/check/tests.js';
import { searchWhole } from '../../src/check/whole.js';
import { Machine } from '../../src/core/machine.js';

const OPTIONS: CheckOptions = {
  strategy: 'exhaustive',
  maxStates: 100_000,
  maxTime: 9,
  runs: 0,
  seed: 0,
  memory: undefined,
};

/** A search that goes on from the folder, by a clock that a machine's growth drives. */
async function searched(folder: string, seconds: (moves: number) => number): Promise<Found> {
  const [test] = findTests(['two-faults-vs-two-punches']);
  const { protocol } = await findProtocol('P3');
  const machine = new Machine(buildWorld(test!.scenario, protocol, invariants).world);
  const limits = new Limits(
    OPTIONS,
    {},
    {
      now: () => 1000 * seconds(machine.moves.size),
      resident: () => 0,
      own: () => 0,
      heap: () => 0,
    },
  );
  const checkpoint = { folder, job: 0, question: 'q', every: 1e6 };
  return searchWhole(machine, OPTIONS, limits, { checkpoint });
}

it('what a run learns again is not of its time: each comes further than the one before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const first = await searched(folder, (moves) => (moves > 2000 ? 9 : 0));
  expect(first.found).toMatchObject({ verdict: 'undecided', covered: { bound: 'time' } });
  // Reading what was saved takes all the time there is, and from then on none passes.
  const second = await searched(folder, (moves) => (moves > 0 ? 100 : 0));
  expect(second.found).toMatchObject({ verdict: 'undecided', covered: { bound: 'states' } });
  expect(second.found.states).toBeGreaterThan(first.found.states);
  // The clock of those that are not gone on with starts at once.
  const fresh = mkdtempSync(join(tmpdir(), 'gmemcheck-'));
  onTestFinished(() => rmSync(fresh, { recursive: true }));
  const late = await searched(fresh, (moves) => (moves > 0 ? 100 : 0));
  expect(late.found).toMatchObject({ verdict: 'undecided', covered: { bound: 'time' } });
});
