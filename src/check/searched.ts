import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/world.js';
import { InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { committedTests } from './tests.js';

/** States searched of each test: enough to pass every branch that tests reach. */
const STATES_PER_TEST = 20_000;

/**
 * Every test (unless given, every committed one) that a protocol can run, searched far enough to know its
 * flows: for questions about the code, not about the test. There is a fault to
 * spend, so that error paths are reached as well.
 */
export function* searchedTests(
  protocol: Protocol,
  tests: readonly LitmusTest[] = committedTests(),
  maxStates = STATES_PER_TEST,
): Generator<{ readonly test: LitmusTest; readonly machine: Machine }> {
  for (const test of tests) {
    const machine = machineOf(test, protocol);
    if (!machine) continue;
    new ExhaustiveSearch(machine, { maxStates }).run();
    yield { test, machine };
  }
}

/** What a search of a test is of; undefined where the protocol cannot run it. */
export function machineOf({ scenario: of }: LitmusTest, protocol: Protocol): Machine | undefined {
  // What a test has changed is no code of the protocol's.
  if (of.changes) return undefined;
  const scenario = { ...of, faults: Math.max(1, of.faults) };
  return tryMachine(() => new Machine(buildWorld(scenario, protocol, invariants).world));
}

function tryMachine(build: () => Machine): Machine | undefined {
  try {
    return build();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
