import { VERDICTS, type Check, type Claim, type Verdict } from '../../../models/claims/claim.js';
import type { CheckResult } from '../../report/result.js';
import { checksOf, keyOf, protocolsAsked } from './asked.js';

/** What searches came to, by test and protocol. */
export type Results = ReadonlyMap<string, CheckResult>;

/** A check with what came out. */
export interface Outcome {
  readonly result: CheckResult;
  readonly came: 'as foretold' | 'otherwise' | 'undecided';
}

/** A claim under one protocol. */
export interface Answer {
  readonly protocol: string;
  readonly verdict: Verdict;
  /** The shortest run that it rests on, if any. */
  readonly run: CheckResult | undefined;
}

/** A claim as the searches decide it. */
export interface Decided {
  readonly claim: Claim;
  readonly verdict: Verdict;
  /** Is it what the book says? */
  readonly isOnRecord: boolean;
  readonly footing: CheckResult['footing'];
  /** What was searched under the protocols that the claim speaks of. */
  readonly outcomes: readonly Outcome[];
  readonly run: CheckResult | undefined;
  /** One for each protocol that it can be asked of. */
  readonly answers: readonly Answer[];
}

/** The verdict on a claim, out of results alone. */
export function decide(claim: Claim, results: Results): Decided {
  const answers = protocolsAsked(claim).map((id) => answerUnder(claim, id, results));
  const mine = answers.filter((a) => claim.of.includes(a.protocol));
  const verdict = worst(mine.map((a) => a.verdict));
  const outcomes = [
    ...new Map(
      claim.of
        .flatMap((id) => checksOf(claim).map((check) => outcomeOf(check, id, results)))
        .map((o) => [keyOf(o.result.test, o.result.protocol), o]),
    ).values(),
  ];
  return {
    claim,
    verdict,
    isOnRecord: verdict === (claim.kind === 'question' ? 'answered' : claim.onRecord),
    footing: footingOf(outcomes),
    outcomes,
    run: shortest(mine.map((a) => a.run)),
    answers,
  };
}

function answerUnder(claim: Claim, protocol: string, results: Results): Answer {
  const look = (checks: readonly Check[]): Outcome[] =>
    checks.map((check) => outcomeOf(check, protocol, results));
  if (claim.kind === 'question') {
    const all = look(checksOf(claim));
    const came = summed(all);
    const verdict = came === 'as foretold' ? 'answered' : against(came);
    return { protocol, verdict, run: shortest(all.map((o) => o.result)) };
  }
  const written = look(claim.asWritten);
  const came = summed(written);
  // A claim that fails rests on the runs against it, one that stands on those it foretold.
  const telling =
    came === 'as foretold' ? written : written.filter((o) => o.came !== 'as foretold');
  const run = shortest(telling.map((o) => o.result));
  if (came !== 'otherwise')
    return { protocol, verdict: came === 'as foretold' ? 'confirmed' : 'undecided', run };
  if (!claim.provided) return { protocol, verdict: 'refuted', run };
  const under = summed(look(claim.provided.checks));
  return { protocol, verdict: under === 'as foretold' ? 'conditional' : against(under), run };
}

const against = (came: Outcome['came']): Verdict =>
  came === 'otherwise' ? 'refuted' : 'undecided';

/** Another property than the one that is foretold may break first: that tells nothing. */
function outcomeOf(check: Check, protocol: string, results: Results): Outcome {
  const result = results.get(keyOf(check.test, check.under ?? protocol))!;
  const { verdict, property } = result;
  if (verdict === 'undecided') return { result, came: 'undecided' };
  if (check.breaks === undefined)
    return { result, came: verdict === 'holds' ? 'as foretold' : 'otherwise' };
  if (verdict === 'holds') return { result, came: 'otherwise' };
  return { result, came: property === check.breaks ? 'as foretold' : 'undecided' };
}

function summed(outcomes: readonly Outcome[]): Outcome['came'] {
  if (outcomes.some((o) => o.came === 'otherwise')) return 'otherwise';
  return outcomes.some((o) => o.came === 'undecided') ? 'undecided' : 'as foretold';
}

/** Of all protocols that a claim speaks of, the one that speaks against it most. */
const worst = (verdicts: readonly Verdict[]): Verdict =>
  VERDICTS.findLast((verdict) => verdicts.includes(verdict))!;

/** A run needs no footing but itself; what holds has that of the weakest search. */
function footingOf(outcomes: readonly Outcome[]): CheckResult['footing'] {
  const footings = outcomes.map((o) => o.result.footing);
  if (footings.includes(null)) return null;
  return footings.includes('sampled') ? 'sampled' : 'exhaustive';
}

function shortest(results: readonly (CheckResult | undefined)[]): CheckResult | undefined {
  return results
    .filter((r) => r?.token)
    .toSorted((a, b) => a!.steps! - b!.steps!)
    .at(0);
}
