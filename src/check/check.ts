import type { LitmusTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { buildWorld, type Built } from '../../models/scenario.js';
import type { MemoryKind } from '../../models/state/shape.js';
import { Machine } from '../core/machine.js';
import { traceOf, type Trace } from '../core/trace.js';
import type { Bounds, Reached } from '../explore/bounds.js';
import type { Place } from '../checkpoint/place.js';
import { ContextBoundedSearch } from '../explore/contexts.js';
import { searchHashCompact, SIGNATURE_BITS } from '../explore/hash-compact/search.js';
import type { Lasso } from '../explore/progress/lasso.js';
import { ReducedSearch } from '../explore/reduced-search.js';
import { isReduced, type Reductions } from '../explore/reductions/options.js';
import { sample } from '../explore/sampling/sample.js';
import type { Sampled } from '../explore/sampling/named.js';
import { DEADLOCK, type SearchResult } from '../explore/verdict.js';
import { waitersOf } from '../report/holders.js';
import { expectationOf, isAsExpected } from './expectation.js';
import { Limits } from './limits.js';
import type { Named } from './protocols.js';
import type { CheckResult } from '../report/result.js';
import { sampledBy, samplingOf } from './sampling.js';
import { runToken } from './subject.js';
import { searchWhole } from './whole.js';

export type { CheckResult };
export { PCT_DEPTH } from './sampling.js';

export type Strategy = 'exhaustive' | 'contexts' | Sampled;

export interface CheckOptions {
  readonly strategy: Strategy;
  readonly maxStates: number;
  /** Steps after which an exhaustive search goes no further; none unless given. */
  readonly maxDepth?: number | undefined;
  /** Seconds that a search of states may take; none unless given. */
  readonly maxTime?: number | undefined;
  /** MiB that this process may have while it searches states; none unless given. */
  readonly maxMemory?: number | undefined;
  /** Checks at a time that share that memory; 1 unless given. */
  readonly sharers?: number;
  readonly runs: number;
  readonly seed: number;
  /** Reductions of an exhaustive search; none unless given. */
  readonly reduce?: Reductions;
  /** Bound of a search by contexts; none unless given. */
  readonly maxPreemptions?: number;
  /** Depth of the bugs that PCT aims at; 3 unless given. */
  readonly depth?: number;
  /** Keep signatures of states in place of them; of 64 bits unless told otherwise. */
  readonly hashCompact?: boolean;
  readonly signatureBits?: number;
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

/** What a check meets of the world while it goes on. */
export interface Outside {
  /** Is shown the machine once the search is over. */
  readonly searched?: ((machine: Machine) => void) | undefined;
  /** Is shown how far a search of states has come, several times a second. */
  readonly reached?: ((reached: Reached) => void) | undefined;
  /** Has the user had enough of it? */
  readonly isInterrupted?: (() => boolean) | undefined;
  /** Where an exhaustive search is saved now and then, and gone on with. */
  readonly checkpoint?: Place | undefined;
  /** Is told of trouble that does not end the check. */
  readonly warn?: ((message: string) => void) | undefined;
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
  const question = questionOf(test, named, options);
  const found = search(question.machine, options, outside);
  outside.searched?.(question.machine);
  return checkedOf(question, found);
}

/** A test under a protocol, made executable. */
export interface Question {
  readonly test: LitmusTest;
  readonly named: Named;
  readonly options: CheckOptions;
  readonly memory: MemoryKind;
  readonly built: Built;
  readonly machine: Machine;
}

/** @throws InputError if it cannot be built */
export function questionOf(test: LitmusTest, named: Named, options: CheckOptions): Question {
  const scenario = { ...test.scenario, memory: options.memory ?? test.scenario.memory };
  const built = buildWorld(scenario, named.protocol, invariants, test.condition);
  const machine = new Machine(built.world);
  return { test, named, options, memory: scenario.memory, built, machine };
}

/** What a search has found, as the answer to the question. */
export function checkedOf(question: Question, { found, progress, lasso }: Found): Checked {
  const { test, named, options, memory, built, machine } = question;
  const trace = found.schedule ? traceOf(machine, found.schedule) : undefined;
  const result = {
    test: test.name,
    title: test.title,
    protocol: named.protocol.id,
    memory,
    verdict: found.verdict,
    footing: found.footing,
    property: found.property,
    states: found.states,
    transitions: found.transitions,
    steps: trace?.steps.length ?? null,
    preemptions: trace?.preemptions ?? null,
    progress,
    token: found.schedule && runToken(test, named, memory, found.schedule),
    note: found.note,
    ...(found.missOdds !== undefined && { missOdds: found.missOdds }),
    ...(found.covered && { covered: found.covered }),
    ...(trace && found.property === DEADLOCK && { deadlock: waitersOf(trace.run) }),
  } as const;
  const expected = isAsExpected(result, expectationOf(test, named.protocol.id), options.strategy);
  return { result: { ...result, expected }, test, built, trace, lasso };
}

/** What a search found, and whether it also answered if everybody gets on. */
export interface Found {
  readonly found: SearchResult;
  readonly progress: CheckResult['progress'];
  readonly lasso?: Lasso;
}

function search(machine: Machine, options: CheckOptions, outside: Outside): Found {
  const { strategy, reduce } = options;
  const limits = new Limits(options, outside);
  const bounds = { ...options, watch: limits.watch };
  if (options.hashCompact) {
    const signatures = { bits: options.signatureBits ?? SIGNATURE_BITS, seed: options.seed };
    return { found: searchHashCompact(machine, bounds, signatures), progress: 'not checked' };
  }
  if (strategy === 'exhaustive' && !(reduce && isReduced(reduce))) {
    const all = searchWhole(machine, options, limits, outside);
    return { ...all, found: orByContexts(machine, bounds, all.found) };
  }
  return { found: part(), progress: 'not checked' };

  function part(): SearchResult {
    if (strategy === 'contexts') return byContexts(machine, bounds);
    if (strategy === 'exhaustive') return orByContexts(machine, bounds, reducedSearch());
    return sample(machine, sampledBy(options)!, samplingOf(options));
  }
  function reducedSearch(): SearchResult {
    return new ReducedSearch(machine, reduce!, bounds).run();
  }
}

/**
 * What has too many states to exhaust is searched by contexts, which says how
 * far it came. Any other bound was meant for this search as well.
 */
function orByContexts(machine: Machine, bounds: ByContexts, found: SearchResult): SearchResult {
  if (found.verdict !== 'undecided' || found.property || found.schedule) return found;
  if (found.covered && found.covered.bound !== 'states') return found;
  const bounded = byContexts(machine, bounds);
  if (bounded.verdict !== 'undecided') return bounded;
  const note = `${found.note}; by contexts: ${bounded.note}`;
  return {
    ...found,
    note,
    covered: { ...bounded.covered!, ...found.covered, bound: bounded.covered!.bound },
  };
}

type ByContexts = Bounds & Pick<CheckOptions, 'maxPreemptions'>;

function byContexts(machine: Machine, bounds: ByContexts): SearchResult {
  return new ContextBoundedSearch(machine, bounds, bounds.maxPreemptions).run();
}
