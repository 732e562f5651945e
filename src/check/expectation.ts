import type { LitmusTest } from '../../models/language/index.js';
import { counted } from '../explore/counted.js';
import type { Expectation } from '../litmus/ast.js';
import type { CheckResult } from '../report/result.js';
import type { Strategy } from './question.js';

/** What a test says of a protocol; undefined where it is silent. */
export function expectationOf(test: LitmusTest, protocol: string): Expectation | undefined {
  return test.expectations.find((e) => e.protocols.some((p) => p.text === protocol));
}

/**
 * Did what happened match what the file says? Where it says nothing, `holds`
 * is expected. The number of steps is that of a shortest run, so only an
 * exhaustive search is held to it; the number of preemptions is the fewest that
 * a run has, and only a search by contexts is held to that.
 */
export function isAsExpected(
  result: Omit<CheckResult, 'expected'>,
  expectation: Expectation | undefined,
  strategy: Strategy,
): boolean {
  if (!expectation) return result.verdict === 'holds';
  // Who does not ask about progress cannot find what only concerns that.
  if (isOfProgress(expectation) && result.progress === 'not checked')
    return result.verdict === 'holds';
  if (result.verdict !== expectation.verdict) return false;
  if (expectation.property && result.property !== expectation.property.text) return false;
  const { steps, preemptions } = expectation;
  if (strategy === 'exhaustive') return steps === undefined || result.steps === steps;
  if (strategy !== 'contexts') return true;
  return preemptions === undefined || result.preemptions === preemptions;
}

const isOfProgress = (e: Expectation): boolean =>
  e.property?.text === 'doomed' || e.property?.text === 'livelock';

/** The protocols a test speaks of, in the order it names them. */
export function protocolsOf(test: LitmusTest): string[] {
  return test.expectations.flatMap((e) => e.protocols.map((p) => p.text));
}

/** An expectation in the words of the file. */
export function expectationText(e: Expectation | undefined): string {
  if (!e) return 'holds (the test says nothing of this protocol)';
  const preemptions =
    e.preemptions === undefined ? '' : `, ${counted(e.preemptions, 'preemption')}`;
  const steps = e.steps === undefined ? '' : ` in ${counted(e.steps, 'step')}${preemptions}`;
  return e.verdict === 'holds' ? `holds${steps}` : `violated ${e.property!.text}${steps}`;
}
