import type { LitmusTest } from '../../models/language/index.js';
import type { Built } from '../../models/world.js';
import { traceOf, type Trace } from '../core/trace.js';
import type { Lasso } from '../explore/progress/lasso.js';
import { isStopped } from '../explore/bounds.js';
import { InputError } from '../core/errors.js';
import { DEADLOCK } from '../explore/verdict.js';
import { waitersOf } from '../report/holders.js';
import type { CheckResult } from '../report/result.js';
import { expectationOf, isAsExpected } from './expectation.js';
import type { Named } from './named.js';
import {
  questionOf,
  type CheckOptions,
  type Found,
  type Outside,
  type Question,
  type Unsaved,
} from './question.js';
import { searchFor } from './search.js';
import { runToken } from './subject.js';
import { blamed, unreached } from './unreached.js';
import { whyUnsaved } from './unsaved.js';

export type { CheckResult };

/** A result with what a report needs to show the run. */
export interface Checked {
  readonly result: CheckResult;
  readonly test: LitmusTest;
  readonly built: Built;
  readonly trace: Trace | undefined;
  /** Where progress is what fails: the run's loop. */
  readonly lasso?: Lasso | undefined;
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
  const found = searched(question, outside);
  outside.searched?.(question.machine);
  return checkedOf(question, found);
}

/** @throws InputError where the test has changed the kernel into one that cannot run */
function searched(question: Question, outside: Outside): Found {
  try {
    return searchFor(question, outside);
  } catch (error) {
    throw blamed(error, question.test);
  }
}

/** Said of reduced searches for an order. */
const WATCHED = 'steps that are watched are not reordered';

/** Was it the question's own machine that searched? Threads have others, and so has a second try. */
function isOwn({ strategy, reduce }: CheckOptions, unsaved: Unsaved | undefined): boolean {
  if (strategy === 'contexts') return true;
  return strategy === 'exhaustive' && (reduce !== undefined || unsaved !== 'reduced');
}

/** What a search has found, as the answer to the question. */
export function checkedOf(question: Question, { found, progress, lasso, unsaved }: Found): Checked {
  const { test, named, options, memory, built, machine } = question;
  const isWhole = found.footing === 'exhaustive' && (!found.schedule || found.verdict === 'holds');
  const missed = isOwn(options, unsaved) ? unreached(test, built, machine, isWhole) : [];
  if (missed.length > 0 && isWhole) throw new InputError(missed[0]!);
  const watched = test.scenario.orders && unsaved === 'reduced' ? [WATCHED] : [];
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
    note: [found.note, ...watched, ...missed].join('; '),
    ...(found.missOdds !== undefined && { missOdds: found.missOdds }),
    ...(found.covered && { covered: found.covered }),
    ...(unsaved && isStopped(found.covered) && { unsaved: whyUnsaved(unsaved) }),
    ...(trace && found.property === DEADLOCK && { deadlock: waitersOf(trace.run) }),
  } as const;
  const expected = isAsExpected(result, expectationOf(test, named.protocol.id), options.strategy);
  return { result: { ...result, expected }, test, built, trace, lasso };
}
