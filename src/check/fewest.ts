import type { LitmusTest } from '../../models/language/index.js';
import { checkTest, type CheckResult } from './check.js';
import type { Named } from './named.js';
import type { CheckOptions } from './question.js';

/** States that the question is worth. */
const MOST_STATES = 1_000_000;

/**
 * The fewest preemptions that any run needs to break the same, where a search by contexts
 * finds that out: those of the shortest run may be more.
 */
export function fewestPreemptions(
  test: LitmusTest,
  named: Named,
  options: CheckOptions,
  { memory, verdict, property, preemptions }: CheckResult,
): number | undefined {
  if (verdict !== 'violated' || preemptions === null) return undefined;
  const { result } = checkTest(test, named, {
    strategy: 'contexts',
    maxStates: Math.min(options.maxStates, MOST_STATES),
    maxTime: options.maxTime,
    maxMemory: options.maxMemory,
    maxPreemptions: preemptions,
    runs: 0,
    seed: 0,
    memory,
  });
  const isSame = result.verdict === 'violated' && result.property === property;
  return isSame ? (result.preemptions ?? undefined) : undefined;
}
