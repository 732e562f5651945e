import { describe, expect, it } from 'vitest';
import { claims } from '../../models/claims/index.js';
import { invariants } from '../../models/invariants/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import { protocols } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/world.js';
import { answer, type Job } from '../../src/campaign/answer.js';
import type { CheckResult } from '../../src/check/check.js';
import { distinctPairs, isMutant, keyOf } from '../../src/check/claims/asked.js';
import { decide } from '../../src/check/claims/decide.js';
import { claimLines } from '../../src/check/claims/text.js';
import { NEVER } from '../../src/check/coverage/never.js';
import { CoverageSums } from '../../src/check/coverage/summary.js';
import { expectationOf, expectationText, protocolsOf } from '../../src/check/expectation.js';
import { mergeLockOrder } from '../../src/check/lockorder.js';
import { findProtocol, versionNamed } from '../../src/check/protocols.js';
import { readToken } from '../../src/check/subject.js';
import { committedTests } from '../../src/check/tests.js';
import { Machine } from '../../src/core/machine.js';
import type { Schedule } from '../../src/core/schedule.js';
import { traceOf } from '../../src/core/trace.js';
import { lassoIn } from '../../src/explore/progress/replayed.js';
import { CONDITION, DEADLOCK } from '../../src/explore/verdict.js';
import { coverageLines, unreachedWarnings } from '../../src/report/coverage.js';
import {
  cycleText,
  renderLockCycles,
  type LockOrder,
  type SeenNesting,
} from '../../src/report/lockorder.js';
import { verdictText } from '../../src/report/verdicts.js';
import { isThorough } from '../effort.js';
import { knownCycles } from './lock-cycles.js';
import { verdictOf } from './verdict.js';

/** Asked with every reduction in reduced.test.ts, and as it stands in a long run. */
const LARGE = isThorough ? [] : ['two-faults-vs-two-punches'];

const tests = committedTests().filter((test) => !LARGE.includes(test.name));
const cases = tests.flatMap((test) =>
  protocolsOf(test).map((id) => ({ name: test.name, id, test })),
);

/** What `gmemcheck check --coverage` asks of each. */
const jobOf = ({ text, file }: LitmusTest, protocol: string): Job => ({
  text,
  file,
  protocol,
  options: { strategy: 'exhaustive', maxStates: 3_000_000, runs: 0, seed: 0, memory: undefined },
  form: { brief: false, flat: false },
  maySkip: false,
  coverage: 'all',
});

/** What all of them say, and what they come to: searching them again would take long. */
const texts: string[] = [];
const results = new Map<string, CheckResult>();
const replayed = new Set<string>();
const named = protocols.map((protocol) => ({ protocol, reference: protocol.id }));
const reached = new CoverageSums(new Map(named.map((n) => [n.reference, n])));
const nested = new Map<string, SeenNesting[]>(protocols.map((p) => [p.id, []]));
const lockOrders = (): LockOrder[] =>
  [...nested].map(([id, nestings]) => mergeLockOrder(id, nestings));

describe('committed litmus tests', () => {
  it('are there', () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  it.each(cases)('$name under $id', async ({ id, test }) => {
    const { protocol } = await findProtocol(id);
    const { result, text, seen, nestings } = await answer(jobOf(test, id));
    texts.push(text);
    results.set(keyOf(test.name, id), result!);
    reached.add(seen!.protocol, seen!.calls);
    nested.get(id)!.push(...nestings);
    const expected = expectationText(expectationOf(test, id));
    expect(result!.expected, `${verdictText(result!)}; expected ${expected}`).toBe(true);
    expect(result!.footing).toBe('exhaustive');
    const fresh = () => freshMachine(test, protocol);
    // Tokens have tests of their own: here, one of each test will do.
    if (result!.steps === null || (replayed.has(test.name) && !isThorough)) return;
    replayed.add(test.name);
    await replays(result!, test, fresh);
  });

  it('decide every claim as it is on record', () => {
    for (const { test, protocol } of distinctPairs(claims).filter((p) => isMutant(p.protocol)))
      results.set(keyOf(test.name, protocol), verdictOf(test, versionNamed(protocol).protocol));
    const decided = claims.map((claim) => decide(claim, results));
    expect(decided.filter((d) => !d.isOnRecord).map((d) => d.claim.id)).toEqual([]);
    expect(decided.filter((d) => d.verdict === 'undecided')).toEqual([]);
    expect(decided.length).toBe(37);
    texts.push(...decided.flatMap(claimLines));
  });

  it('are reported in plain ASCII of 75 columns; only tokens are wider, on lines of their own', () => {
    expect(texts.length).toBeGreaterThan(cases.length);
    const more = [...lockOrders().map(renderLockCycles), ...reached.coverage.map(coverageLines)];
    const out = [...texts, ...more.map((lines) => lines.join('\n'))].join('\n');
    expect(out).toMatch(/^[\n\x20-\x7e]*$/);
    const wide = out.split('\n').filter((line) => line.length > 75);
    expect(wide.filter((line) => !/^ *gmc1-[\w-]+$/.test(line))).toEqual([]);
  });

  it('take locks in no order that is not known', () => {
    for (const { protocol, nestings, cycles } of lockOrders()) {
      expect(nestings.length, protocol).toBeGreaterThan(0);
      expect(knownCycles(protocol), protocol).toEqual(
        expect.arrayContaining(cycles.map(cycleText)),
      );
    }
  });

  it('cover every step: nothing is missed, lost, or missed without a reason', () => {
    const { coverage } = reached;
    const functions = coverage.flatMap((c) =>
      c.functions.map((f) => ({ ...f, protocol: c.protocol })),
    );
    expect(coverage).toHaveLength(protocols.length);
    expect(coverage.map((c) => c.tests).reduce((a, b) => a + b)).toBe(cases.length);
    expect(unreachedWarnings(coverage)).toEqual([]);
    expect(functions.filter((f) => f.unknown !== null)).toEqual([]);
    for (const never of NEVER) {
      const steps = functions
        .filter(
          (f) => f.function === never.function && (never.protocols?.includes(f.protocol) ?? true),
        )
        .flatMap((f) => f.steps.filter((s) => s.label === (never.step ?? s.label)));
      expect(
        steps.some((s) => s.never === never.why),
        `${never.function}: ${never.step}`,
      ).toBe(true);
    }
  });
});

/** A machine takes its world's memory as it stands, so each has a world of its own. */
function freshMachine({ scenario, condition }: LitmusTest, protocol: Protocol): Machine {
  return new Machine(buildWorld(scenario, protocol, invariants, condition).world);
}

/** The token of the run that was found shows the same, and not before its last step. */
async function replays(result: CheckResult, test: LitmusTest, fresh: () => Machine): Promise<void> {
  const token = await readToken(result.token!);
  const { schedule } = token;
  expect(schedule).toHaveLength(result.steps!);
  expect(shows(fresh(), schedule, result.property)).toBe(true);
  expect(shows(fresh(), schedule.slice(0, -1), result.property)).toBe(false);
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
