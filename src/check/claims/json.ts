import type { Decided } from './decide.js';
import { scopeOf } from './scope.js';

/** A claim as data; the field names are a contract. */
export function claimJson(decided: Decided): object {
  const { claim, verdict, footing, outcomes, run, answers, isOnRecord } = decided;
  return {
    id: claim.id,
    verdict,
    condition: verdict === 'conditional' ? conditionOf(decided) : null,
    footing,
    scope: scopeOf(decided),
    token: run?.token ?? null,
    protocols: answers.filter((a) => a.verdict !== verdict).map((a) => a.protocol),
    statement: claim.statement,
    source: claim.source,
    onRecord: isOnRecord,
    ...(claim.kind === 'question' && { answer: claim.answer.map((a) => a.text) }),
    ...(claim.note !== undefined && { note: claim.note }),
    answers: answers.map((a) => ({
      protocol: a.protocol,
      verdict: a.verdict,
      token: a.run?.token ?? null,
    })),
    checks: outcomes.map(({ result, came }) => ({
      test: result.test,
      protocol: result.protocol,
      verdict: result.verdict,
      property: result.property,
      steps: result.steps,
      states: result.states,
      came,
    })),
  };
}

/** The condition of a claim that has one. */
export function conditionOf({ claim }: Decided): string | null {
  return claim.kind === 'claim' ? (claim.provided?.condition ?? null) : null;
}
