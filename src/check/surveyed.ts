import { observedBy } from '../../models/language/observed.js';
import type { LitmusTest } from '../../models/language/index.js';
import { InputError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import { traceOf, type Trace } from '../core/trace.js';
import { findLivelock, mayCycle } from '../explore/progress/cycles.js';
import { findDoomed } from '../explore/progress/doomed.js';
import { graphOf } from '../explore/progress/graph.js';
import { Survey } from '../explore/survey.js';
import { CONDITION } from '../explore/verdict.js';
import type { Outcome, SurveyResult } from '../report/survey-result.js';
import { checkTest } from './check.js';
import { citationOf } from './citation.js';
import { diagramOf } from './diagram.js';
import { expectationOf, expectationText } from './expectation.js';
import { Limits } from './limits.js';
import type { Named } from './named.js';
import { questionOf, type CheckOptions, type Question } from './question.js';
import { runToken } from './subject.js';
import { blamed, unreached } from './unreached.js';

export type SurveyOptions = Pick<CheckOptions, 'maxStates' | 'maxTime' | 'maxMemory'>;

/** A result with the run that shows it, drawn. */
export interface Surveyed {
  readonly result: SurveyResult;
  readonly test: LitmusTest;
  diagram(isFlat?: boolean): string;
}

/** Counts what comes of a test under a protocol. @throws InputError if it cannot be built */
export function surveyTest(test: LitmusTest, named: Named, bounds: SurveyOptions): Surveyed {
  const options: CheckOptions = {
    strategy: 'exhaustive',
    runs: 0,
    seed: 0,
    memory: undefined,
    ...bounds,
  };
  const question = questionOf(test, named, options);
  const { built, machine, memory } = question;
  const observed = observedBy(test, built.kernel, built.world.ledger, built.world.observer);
  const { watch } = new Limits(options, {});
  const survey = new Survey(machine, { ...bounds, watch }, () => observed.map((o) => o.read()));
  try {
    survey.run();
  } catch (error) {
    throw blamed(error, test);
  }
  const missed = unreached(test, built, machine, !survey.hit);
  if (missed.length > 0 && !survey.hit) throw new InputError(missed[0]!);
  const stuck = stuckIn(question.machine, survey);
  const { positive, negative } = totals(test, survey);
  const said = expectationOf(test, named.protocol.id);
  const checked = said || survey.hit ? checkTest(test, named, options).result : undefined;
  const shown = stateToShow(test, survey);
  const schedule = shown < 0 ? undefined : survey.scheduleTo(shown);
  const trace = schedule && traceOf(machine, schedule);
  const isOk = survey.hit ? okByCheck(test, survey, checked!) : okOf(test, survey);
  const result: SurveyResult = {
    test: test.name,
    title: test.title,
    protocol: named.protocol.id,
    memory,
    kind: kindOf(test),
    over: isOverAll(test) ? 'all' : 'final',
    outcomes: outcomesOf(survey, observed, test),
    positive,
    negative,
    observation: observationOf(positive, negative, survey.hit !== undefined),
    ok: isOk,
    flags: [...survey.flags.keys(), ...stuck].toSorted(),
    condition: test.litmus.condition?.text ?? `check ${test.scenario.invariants.join(' ')}`,
    states: survey.states.count,
    transitions: survey.transitions,
    bound: survey.hit ?? null,
    steps: trace?.steps.length ?? null,
    token: schedule ? runToken(test, named, memory, schedule) : null,
    expectation: said
      ? {
          text: expectationText(said),
          met: checked!.verdict === 'undecided' ? null : checked!.expected,
        }
      : null,
    hash: citationOf(test, named, memory, bounds),
  };
  return { result, test, diagram: (isFlat) => drawn(question, trace, survey, isFlat) };
}

/** Is there a run that need not end? Asked where all was visited, and nothing else is wrong. */
function stuckIn(machine: Machine, survey: Survey): string[] {
  if (survey.hit || survey.flags.size > 0) return [];
  const graph = graphOf(machine, survey.states, survey.transitions);
  const lasso = findDoomed(graph) ?? (mayCycle(machine) ? findLivelock(graph) : undefined);
  return lasso ? [lasso.kind] : [];
}

const quantifierOf = ({ litmus }: LitmusTest) => litmus.condition?.quantifier;

function kindOf(test: LitmusTest): SurveyResult['kind'] {
  const quantifier = quantifierOf(test);
  if (quantifier === 'exists') return 'Allowed';
  return quantifier === 'not exists' || quantifier === 'never' ? 'Forbidden' : 'Required';
}

const isOverAll = (test: LitmusTest): boolean =>
  ['always', 'never'].includes(quantifierOf(test) ?? '');

/** Without a condition it is every state that has to be fine. */
function totals(test: LitmusTest, survey: Survey): { positive: number; negative: number } {
  if (!quantifierOf(test)) return { positive: survey.fine, negative: survey.broken };
  let [positive, all] = [0, 0];
  for (const c of survey.counted.values()) {
    positive += c.positive;
    all += c.count;
  }
  return { positive, negative: all - positive };
}

function okOf(test: LitmusTest, survey: Survey): boolean {
  const { firstPositive, firstNegative, flags } = survey;
  switch (quantifierOf(test)) {
    case 'exists':
      return firstPositive >= 0;
    case 'not exists':
    case 'never':
      return firstPositive < 0;
    case 'forall':
    case 'always':
      return firstNegative < 0;
    default:
      return flags.size === 0;
  }
}

/** What was visited may decide it, or a search with reductions. */
function okByCheck(
  test: LitmusTest,
  survey: Survey,
  { verdict, property }: { verdict: string; property: string | null },
): boolean | null {
  const visited = okOf(test, survey);
  if (visited === (quantifierOf(test) === 'exists')) return visited;
  if (verdict === 'holds') return true;
  const isAnswer = property === CONDITION || !quantifierOf(test);
  return verdict === 'violated' && isAnswer ? false : null;
}

/** The first state that answers the condition; -1 = there is none. */
function stateOfAnswer(test: LitmusTest, { firstPositive, firstNegative }: Survey): number {
  const quantifier = quantifierOf(test);
  const isNegative = quantifier === 'forall' || quantifier === 'always';
  return quantifier ? (isNegative ? firstNegative : firstPositive) : -1;
}

/** That one; else the first in which something is broken. */
function stateToShow(test: LitmusTest, survey: Survey): number {
  const answer = stateOfAnswer(test, survey);
  return answer >= 0 || survey.flags.size === 0 ? answer : Math.min(...survey.flags.values());
}

function outcomesOf(
  survey: Survey,
  observed: readonly { name: string; show: (value: number) => string }[],
  test: LitmusTest,
): Outcome[] {
  return [...survey.counted.values()]
    .toSorted((a, b) => order(a.values, b.values))
    .map(({ values, count, positive }) => ({
      values: Object.fromEntries(observed.map((o, i) => [o.name, o.show(values[i]!)])),
      count,
      holds: !quantifierOf(test) || (positive > 0 && positive < count) ? null : positive > 0,
    }));
}

function order(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

function drawn(
  { built, test }: Question,
  trace: Trace | undefined,
  survey: Survey,
  isFlat: boolean | undefined,
): string {
  const quantifier = quantifierOf(test);
  const isWitness = quantifier === 'exists' && survey.firstPositive >= 0;
  const isAnswer = stateOfAnswer(test, survey) >= 0;
  const flag = [...survey.flags].toSorted((a, b) => a[1] - b[1])[0]?.[0] ?? null;
  const property = isAnswer ? CONDITION : flag;
  return diagramOf(
    { result: { verdict: isWitness ? 'holds' : 'violated', property }, trace, built, test },
    isFlat,
  );
}

/** Both were seen, or all there is; what a bound has cut off might have been the other. */
function observationOf(
  positive: number,
  negative: number,
  isCut: boolean,
): SurveyResult['observation'] {
  if (positive > 0 && negative > 0) return 'Sometimes';
  if (isCut) return 'Undecided';
  return positive === 0 ? 'Never' : 'Always';
}
