import { lassoIn } from '../../src/explore/progress/replayed.js';
import { describe, expect, it } from 'vitest';
import { invariants } from '../../models/invariants/index.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/scenario.js';
import { checkTest, type Checked } from '../../src/check/check.js';
import type { CheckOptions } from '../../src/check/question.js';
import { expectationOf, expectationText, protocolsOf } from '../../src/check/expectation.js';
import { findProtocol } from '../../src/check/protocols.js';
import { readToken } from '../../src/check/subject.js';
import { committedTests } from '../../src/check/tests.js';
import { LiveRun } from '../../src/core/live.js';
import { Machine } from '../../src/core/machine.js';
import type { Schedule } from '../../src/core/schedule.js';
import { traceOf } from '../../src/core/trace.js';
import { integers } from '../../src/explore/sampling/integers.js';
import { CONDITION, DEADLOCK } from '../../src/explore/verdict.js';
import { verdictText } from '../../src/report/verdicts.js';
import { SEED } from './seed.js';

const OPTIONS: CheckOptions = {
  strategy: 'exhaustive',
  maxStates: 3_000_000,
  runs: 0,
  seed: 0,
  memory: undefined,
};

const cases = committedTests().flatMap((test) =>
  protocolsOf(test).map((id) => ({ name: test.name, id, test })),
);

describe('committed litmus tests', () => {
  it('are there', () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  it.each(cases)('$name under $id', async ({ id, test }) => {
    const named = await findProtocol(id);
    const checked = checkTest(test, named, OPTIONS);
    const { result } = checked;
    const expected = expectationText(expectationOf(test, id));
    expect(result.expected, `${verdictText(result)}; expected ${expected}`).toBe(true);
    expect(result.footing).toBe('exhaustive');
    const fresh = () => freshMachine(checked, named.protocol);
    if (checked.trace) await replays(checked, fresh);
    runsLive(fresh());
  });
});

/** A machine takes its world's memory as it stands, so each has a world of its own. */
function freshMachine({ test }: Checked, protocol: Protocol): Machine {
  return new Machine(buildWorld(test.scenario, protocol, invariants, test.condition).world);
}

/** The run that was found, replayed and by way of its token, shows the same. */
async function replays({ result, test, trace }: Checked, fresh: () => Machine): Promise<void> {
  const schedule = trace!.run.decisions;
  expect(shows(fresh(), schedule, result.property)).toBe(true);
  expect(shows(fresh(), schedule.slice(0, -1), result.property)).toBe(false);
  const token = await readToken(result.token!);
  expect(token.schedule).toEqual(schedule);
  expect([token.test.name, token.named.protocol.id, token.memory]).toEqual([
    test.name,
    result.protocol,
    result.memory,
  ]);
}

/** Does the last state of a run break the property, or witness the condition? */
function shows(machine: Machine, schedule: Schedule, property: string | null): boolean {
  if (property === 'doomed' || property === 'livelock')
    return lassoIn(machine, schedule)?.kind === property;
  const { run, broken } = traceOf(machine, schedule);
  if (property === DEADLOCK) return run.enabled().length === 0 && !run.isFinished;
  if (property !== null && property !== CONDITION) return broken === property;
  const { quantifier, holds } = machine.world.condition!;
  const truth = machine.inspect(run.memory, holds);
  const isDue = quantifier === 'always' || quantifier === 'never' || run.isFinished;
  return isDue && truth === !['forall', 'always'].includes(quantifier);
}

const WALKS = 4;
const LONGEST = 300;

/** Generators that are never replayed agree with the interned machine at every step. */
function runsLive(machine: Machine): void {
  const below = integers(SEED);
  for (let walk = 0; walk < WALKS; walk++) {
    const live = new LiveRun(machine);
    for (let step = 0; step < LONGEST; step++) {
      const enabled = live.run.enabled();
      if (enabled.length === 0) break;
      live.take(enabled[below(enabled.length)]!);
    }
    expect(live.run.decisions.length).toBeGreaterThan(0);
  }
}
