import fc from 'fast-check';
import { invariants } from '../../models/invariants/index.js';
import { readTest } from '../../models/language/index.js';
import { printTest } from '../../models/language/print.js';
import type { Protocol } from '../../models/protocol.js';
import type { Scenario } from '../../models/scenario.js';
import { buildWorld } from '../../models/world.js';
import type { Checked } from '../../src/check/check.js';
import { diagramOf } from '../../src/check/diagram.js';
import { runToken } from '../../src/check/subject.js';
import { Machine } from '../../src/core/machine.js';
import { traceOf } from '../../src/core/trace.js';
import { runSchedule, shrinkPlan, type Plan } from '../../src/fastcheck/index.js';
import { questionLines } from '../../src/report/question.js';
import { replayLines } from '../../src/report/verdicts.js';

/** A plan under which a generated scenario breaks a property. */
export interface Found {
  readonly scenario: Scenario;
  readonly property: string;
  readonly plan: Plan;
}

/** Runs a scenario's plans one after the other, up to the first that breaks something new. */
export function findBroken(
  scenario: Scenario,
  protocol: Protocol,
  plans: readonly Plan[],
  isKnown: (found: Found) => boolean = () => false,
): Found | undefined {
  const machine = machineOf(scenario, protocol);
  for (const plan of plans) {
    const { broken } = runSchedule(machine, plan);
    if (broken === undefined) continue;
    const found = { scenario, property: broken, plan };
    if (!isKnown(found)) return found;
  }
  return undefined;
}

const machineOf = (scenario: Scenario, protocol: Protocol): Machine =>
  new Machine(buildWorld(scenario, protocol, invariants).world);

/** The same finding with a plan as small as shrinking gets it. */
export function smallest(found: Found, protocol: Protocol): Found {
  const machine = machineOf(found.scenario, protocol);
  return { ...found, plan: shrinkPlan(machine, found.plan, found.property) };
}

/** What was found, for whoever reads a test's failure: question, diagram, token. */
export function textOf({ scenario, property, plan }: Found, protocol: Protocol): string {
  const litmus = printTest(scenario, 'generated', [`expect ${protocol.id}: holds`]);
  const test = readTest(litmus, 'generated');
  const built = buildWorld(scenario, protocol, invariants);
  const machine = new Machine(built.world);
  const { schedule } = runSchedule(machine, plan);
  const trace = traceOf(machine, schedule);
  const token = runToken(test, { protocol, reference: protocol.id }, scenario.memory, schedule);
  const result: Checked['result'] = {
    test: test.name,
    title: test.title,
    protocol: protocol.id,
    memory: scenario.memory,
    verdict: 'violated',
    footing: 'sampled',
    property,
    states: 0,
    transitions: schedule.length,
    steps: schedule.length,
    preemptions: trace.preemptions,
    progress: 'not checked',
    token,
    expected: false,
    note: fc.stringify(plan),
  };
  return [
    `${protocol.id} breaks ${property} in ${schedule.length} steps, ${trace.preemptions} preemptions:`,
    '',
    ...questionLines(test.litmus),
    '',
    diagramOf({ result, test, built, trace }).trimEnd(),
    ...replayLines(token),
  ].join('\n');
}
