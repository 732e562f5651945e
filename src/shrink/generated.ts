import fc from 'fast-check';
import { scenarios } from '../../models/arbitraries/index.js';
import { invariants } from '../../models/invariants/index.js';
import { readTest, type LitmusTest } from '../../models/language/index.js';
import { printTest } from '../../models/language/print.js';
import type { Protocol } from '../../models/protocol.js';
import type { Column, Scenario } from '../../models/scenario.js';
import { buildWorld } from '../../models/world.js';
import { Machine } from '../core/machine.js';
import { runSchedule, type Drawn } from '../fastcheck/index.js';
import { told, type Told } from './blocks.js';
import { shrink, type Shrinking, type Shrunk } from './shrink.js';

const MAX_STATES = 200_000;

/** Runs a scenario under a plan, or priorities: the first property that breaks, or `deadlock`. */
export function broken(scenario: Scenario, protocol: Protocol, plan: Drawn): string | undefined {
  return runSchedule(machineOf(scenario, protocol), plan).broken;
}

export const machineOf = (scenario: Scenario, protocol: Protocol): Machine =>
  new Machine(buildWorld(scenario, protocol, invariants).world);

const isHost = ({ name }: Column): number => Number(!name.includes('vcpu'));

/** A generated scenario as a litmus test: vCPUs before hosts, as people write it. */
export function generatedTest(scenario: Scenario, protocol: Protocol, name: string): LitmusTest {
  const columns = scenario.columns.toSorted((a, b) => isHost(a) - isHost(b));
  const text = printTest({ ...scenario, columns }, name);
  return readTest(text, `${name}.litmus`, protocol.own);
}

/** The scenarios of a seed; so many at a time are drawn, as all may be too many to keep. */
export function* drawnScenarios(
  protocol: Protocol,
  seed: number,
  runs: number,
  atOnce = 10_000,
): Generator<Scenario> {
  const all = scenarios(protocol);
  for (let first = 0; first < runs; first += atOnce) {
    const numRuns = Math.min(atOnce, runs - first);
    yield* fc.sample(all, { seed, path: `${first}`, numRuns });
  }
}

/** What is known of a generated scenario beforehand, and how far to search. */
export interface Generated extends Shrinking {
  /** A plan, or priorities, under which it breaks. */
  readonly plan?: Drawn;
  /** States of each search. */
  readonly maxStates?: number;
  /** How a token names the protocol, where that is not its id. */
  readonly reference?: string;
}

/**
 * The smallest scenario that still breaks a property, and its least run.
 * @throws InputError where it does not break; Undecided where a bound was hit
 */
export function shrinkScenario(
  scenario: Scenario,
  protocol: Protocol,
  property: string,
  { plan, maxStates = MAX_STATES, name = 'generated', reference, ...more }: Generated = {},
): Shrunk {
  const named = { protocol, reference: reference ?? protocol.id };
  const test = generatedTest(scenario, protocol, name);
  const found = more.found ?? (plan && planned(machineOf(scenario, protocol), plan));
  return shrink(test, { named, property, maxStates }, { name, found });
}

const planned = (machine: Machine, plan: Drawn): Told =>
  told(machine, runSchedule(machine, plan).schedule);
