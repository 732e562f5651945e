import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { checkTest, type CheckResult } from '../../src/check/check.js';
import { committedTest } from '../../src/check/tests.js';

/** States after which an answer of a variant is given up: enough for every small test. */
const MAX_STATES = 60_000;

/** The committed test of this name. @throws Error when there is none. */
export function testNamed(name: string): LitmusTest {
  const test = committedTest(name);
  if (!test) throw new Error(`no committed test '${name}'`);
  return test;
}

/** What every interleaving of a test says under a protocol or a variant of one. */
export function verdictOf(test: LitmusTest, protocol: Protocol): CheckResult {
  const options = { maxStates: MAX_STATES, runs: 0, seed: 0, memory: undefined } as const;
  const named = { protocol, reference: protocol.id };
  return checkTest(test, named, { strategy: 'exhaustive', ...options }).result;
}
