import type { LitmusTest } from '../../models/language/index.js';
import { InputError } from '../core/errors.js';
import { counted } from '../explore/counted.js';
import { CONDITION } from '../explore/verdict.js';
import { rewriteLitmus } from '../litmus/rewrite.js';
import type { CheckResult } from '../report/result.js';
import { runText } from '../report/verdicts.js';
import { wrap } from '../report/wrap.js';

/** Protocols that an `expect` line can name. */
const NAME = /^[A-Za-z0-9_.+~-]+$/;

/**
 * What was found as a litmus file of its own: `check` comes to the same verdict
 * on it, and `replay` shows the same run.
 * @param isShortest is the run the first of a search of all states?
 * @param fewest preemptions that any run needs, where that is known
 * @throws InputError where nothing was found out
 */
export function exportedTest(
  test: LitmusTest,
  result: Pick<
    CheckResult,
    'protocol' | 'memory' | 'verdict' | 'property' | 'steps' | 'preemptions' | 'token'
  >,
  isShortest: boolean,
  fewest?: number,
): string {
  const { protocol, memory, verdict, property, steps, preemptions, token } = result;
  if (verdict === 'undecided') throw new InputError(`${test.name}: undecided: nothing to export`);
  const run = steps === null ? '' : ` (${runText(steps, preemptions!)})`;
  const found = property ? `${verdict}: ${property}` : verdict;
  const head = [
    ...wrap(`${test.name} under ${protocol}, ${memory}: ${found}${run}.`),
    ...(token ? ['gmemcheck replay shows the run:', token] : []),
  ];
  const isOfCondition = property === CONDITION || (verdict === 'holds' && steps !== null);
  const also = fewest === undefined ? '' : `, ${counted(fewest, 'preemption')}`;
  const length = isShortest && steps !== null ? ` in ${counted(steps, 'step')}${also}` : '';
  const outcome = verdict === 'violated' ? `violated ${property}${length}` : `holds${length}`;
  // A search of all states may meet something else sooner than the run that was drawn.
  const isInvariant = test.scenario.invariants.includes(property ?? '');
  const isNarrowed = !isShortest && isInvariant;
  return rewriteLitmus(test.text, test.file, {
    head: head.join('\n   '),
    memory,
    only: isNarrowed ? [property!] : undefined,
    keepsCondition: !isNarrowed || isOfCondition,
    expectations: NAME.test(protocol) ? [`expect ${protocol}: ${outcome}`] : [],
  });
}
