import { describe, it } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/world.js';
import type { LitmusTest } from '../../models/language/index.js';
import { protocolsOf } from '../../src/check/expectation.js';
import { findProtocol } from '../../src/check/protocols.js';
import { committedTests } from '../../src/check/tests.js';
import { LiveRun } from '../../src/core/live.js';
import { Machine } from '../../src/core/machine.js';
import { integers } from '../../src/explore/sampling/integers.js';
import { isThorough } from '../effort.js';
import { SEED } from './seed.js';

/** Steps of a walk. */
const LONGEST = 300;

const machineOf = ({ scenario, condition }: LitmusTest, protocol: Protocol): Machine =>
  new Machine(buildWorld(scenario, protocol, invariants, condition).world);

/** Each test under each of its versions has a walk of its own: every third test, in a short run. */
describe('generators that are never replayed agree with the machine at every step', () => {
  it.each(
    committedTests()
      .map((test, i) => [test.name, test, i] as const)
      .filter(([, , i]) => isThorough || i % 3 === Math.abs(SEED % 3)),
  )('%s', async (_, test, i) => {
    for (const [n, id] of protocolsOf(test).entries()) {
      const { protocol } = await findProtocol(id);
      const live = new LiveRun(machineOf(test, protocol));
      const below = integers(SEED + 100 * i + n);
      for (let step = 0; step < LONGEST; step++) {
        const enabled = live.run.enabled();
        if (enabled.length === 0) break;
        live.take(enabled[below(enabled.length)]!);
      }
    }
  });
});
