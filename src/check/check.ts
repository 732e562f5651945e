import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld, type Built } from '../../models/scenario.js';
import type { MemoryKind } from '../../models/state/shape.js';
import { Machine } from '../core/machine.js';
import { traceOf, type Trace } from '../core/trace.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { sample } from '../explore/sampling/sample.js';
import { strategyOf, type Sampled } from '../explore/sampling/named.js';
import type { SearchResult } from '../explore/verdict.js';
import { expectationOf, isAsExpected } from './expectation.js';
import type { Named } from './protocols.js';
import type { CheckResult } from '../report/result.js';
import { runToken } from './subject.js';

export type { CheckResult };

export type Strategy = 'exhaustive' | Sampled;

export interface CheckOptions {
  readonly strategy: Strategy;
  readonly maxStates: number;
  readonly runs: number;
  readonly seed: number;
  /** Depth of the bugs that PCT aims at; 3 unless given. */
  readonly depth?: number;
  /** Overrides the test's own kind of memory. */
  readonly memory: MemoryKind | undefined;
}

/** A result with what a report needs to show the run. */
export interface Checked {
  readonly result: CheckResult;
  readonly test: LitmusTest;
  readonly built: Built;
  readonly trace: Trace | undefined;
}

/** Steps after which a sampled run is given up: retry loops need not end. */
const MAX_RUN = 20_000;

/** Most known concurrency bugs are no deeper. */
export const PCT_DEPTH = 3;

/** Answers one test under one protocol. @throws InputError if it cannot be built. */
export function checkTest(test: LitmusTest, named: Named, options: CheckOptions): Checked {
  const scenario = { ...test.scenario, memory: options.memory ?? test.scenario.memory };
  const built = buildWorld(scenario, named.protocol, invariants, test.condition);
  const machine = new Machine(built.world);
  const found = search(machine, options);
  const trace = found.schedule ? traceOf(machine, found.schedule) : undefined;
  const result = {
    test: test.name,
    title: test.title,
    protocol: named.protocol.id,
    memory: scenario.memory,
    verdict: found.verdict,
    footing: found.footing,
    property: found.property,
    states: found.states,
    transitions: found.transitions,
    steps: trace?.steps.length ?? null,
    preemptions: trace?.preemptions ?? null,
    progress: 'not checked',
    token: found.schedule && runToken(test, named, scenario.memory, found.schedule),
    note: found.note,
  } as const;
  const expected = isAsExpected(result, expectationOf(test, named.protocol.id), options.strategy);
  return { result: { ...result, expected }, test, built, trace };
}

function search(machine: Machine, options: CheckOptions): SearchResult {
  if (options.strategy === 'exhaustive') return new ExhaustiveSearch(machine, options).run();
  const strategy = strategyOf(options.strategy, options.depth ?? PCT_DEPTH);
  const { runs, seed } = options;
  return sample(machine, strategy, { runs, seed, maxSteps: MAX_RUN });
}
