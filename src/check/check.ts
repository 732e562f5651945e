import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld, type Built } from '../../models/scenario.js';
import type { MemoryKind } from '../../models/state/shape.js';
import { Machine } from '../core/machine.js';
import { traceOf, type Trace } from '../core/trace.js';
import type { Reached } from '../explore/bounds.js';
import { ContextBoundedSearch } from '../explore/contexts.js';
import { ExhaustiveSearch } from '../explore/exhaustive.js';
import { findLivelock, mayCycle } from '../explore/progress/cycles.js';
import { findDoomed } from '../explore/progress/doomed.js';
import { graphOf } from '../explore/progress/graph.js';
import type { Lasso } from '../explore/progress/lasso.js';
import { ReducedSearch } from '../explore/reduced-search.js';
import { isReduced, type Reductions } from '../explore/reductions/options.js';
import { sample } from '../explore/sampling/sample.js';
import { strategyOf, type Sampled } from '../explore/sampling/named.js';
import type { SearchResult } from '../explore/verdict.js';
import { expectationOf, isAsExpected } from './expectation.js';
import type { Named } from './protocols.js';
import type { CheckResult } from '../report/result.js';
import { runToken } from './subject.js';

export type { CheckResult };

export type Strategy = 'exhaustive' | 'contexts' | Sampled;

export interface CheckOptions {
  readonly strategy: Strategy;
  readonly maxStates: number;
  readonly runs: number;
  readonly seed: number;
  /** Reductions of an exhaustive search; none unless given. */
  readonly reduce?: Reductions;
  /** Bound of a search by contexts; none unless given. */
  readonly maxPreemptions?: number;
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
  /** Where progress is what fails: the run's loop. */
  readonly lasso?: Lasso | undefined;
}

/** Steps after which a sampled run is given up: retry loops need not end. */
const MAX_RUN = 20_000;

/** Most known concurrency bugs are no deeper. */
export const PCT_DEPTH = 3;

/** What a check meets of the world while it goes on. */
export interface Outside {
  /** Is shown the machine once the search is over. */
  readonly searched?: ((machine: Machine) => void) | undefined;
  /** Is shown how far a search of states has come, several times a second. */
  readonly reached?: ((reached: Reached) => void) | undefined;
}

/**
 * Answers one test under one protocol.
 * @throws InputError if it cannot be built
 */
export function checkTest(
  test: LitmusTest,
  named: Named,
  options: CheckOptions,
  outside: Outside = {},
): Checked {
  const scenario = { ...test.scenario, memory: options.memory ?? test.scenario.memory };
  const built = buildWorld(scenario, named.protocol, invariants, test.condition);
  const machine = new Machine(built.world);
  const { found, progress, lasso } = search(machine, options);
  outside.searched?.(machine);
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
    progress,
    token: found.schedule && runToken(test, named, scenario.memory, found.schedule),
    note: found.note,
  } as const;
  const expected = isAsExpected(result, expectationOf(test, named.protocol.id), options.strategy);
  return { result: { ...result, expected }, test, built, trace, lasso };
}

/** What a search found, and whether it also answered if everybody gets on. */
interface Found {
  readonly found: SearchResult;
  readonly progress: CheckResult['progress'];
  readonly lasso?: Lasso;
}

function search(machine: Machine, options: CheckOptions): Found {
  const { strategy, runs, seed, reduce } = options;
  if (strategy === 'exhaustive' && !(reduce && isReduced(reduce))) return whole(machine, options);
  return { found: part(), progress: 'not checked' };

  function part(): SearchResult {
    if (strategy === 'contexts') return byContexts(machine, options);
    if (strategy === 'exhaustive') return orByContexts(machine, options, reducedSearch());
    const named = strategyOf(strategy, options.depth ?? PCT_DEPTH);
    return sample(machine, named, { runs, seed, maxSteps: MAX_RUN });
  }
  function reducedSearch(): SearchResult {
    return new ReducedSearch(machine, reduce!, options).run();
  }
}

/** Every state, and then what the graph of all states says of progress. */
function whole(machine: Machine, options: CheckOptions): Found {
  const search = new ExhaustiveSearch(machine, options);
  const found = search.run();
  if (found.verdict !== 'holds')
    return { found: orByContexts(machine, options, found), progress: 'not checked' };
  const graph = graphOf(machine, search.states, search.transitions);
  const lasso = findDoomed(graph) ?? (mayCycle(machine) ? findLivelock(graph) : undefined);
  if (!lasso) return { found, progress: 'checked' };
  const schedule = [...lasso.stem, ...lasso.loop];
  const note = `every state visited; ${lasso.loop.length} steps of the run are its loop`;
  return {
    found: { ...found, verdict: 'violated', property: lasso.kind, schedule, note },
    progress: 'checked',
    lasso,
  };
}

/** What is too large to exhaust is searched by contexts, which says how far it came. */
function orByContexts(machine: Machine, options: CheckOptions, found: SearchResult): SearchResult {
  if (found.verdict !== 'undecided' || found.property || found.schedule) return found;
  const bounded = byContexts(machine, options);
  return bounded.verdict === 'undecided'
    ? { ...found, note: `${found.note}; by contexts: ${bounded.note}` }
    : bounded;
}

function byContexts(machine: Machine, options: CheckOptions): SearchResult {
  return new ContextBoundedSearch(machine, options, options.maxPreemptions).run();
}
