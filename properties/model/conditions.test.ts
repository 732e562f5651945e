import { describe, expect, it } from 'vitest';
import { readCondition } from '../../models/language/compile.js';
import type { LitmusTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { expectationOf, protocolsOf } from '../../src/check/expectation.js';
import { committedTests } from '../../src/check/tests.js';
import type { Expression, Quantifier } from '../../src/litmus/ast.js';
import { verdictOf } from './verdict.js';

/** Too many states for a search that has to see them all. */
const LARGE = ['prep-2-first-access'];

const asking = (...quantifiers: Quantifier[]): LitmusTest[] =>
  committedTests().filter(
    ({ litmus, name }) =>
      litmus.condition &&
      quantifiers.includes(litmus.condition.quantifier) &&
      !LARGE.includes(name),
  );

/** The same test with another question, and none but it. */
function askedFor(test: LitmusTest, quantifier: Quantifier, expression: Expression): LitmusTest {
  const condition = { ...test.litmus.condition!, quantifier, expression };
  const litmus = { ...test.litmus, condition };
  const scenario = { ...test.scenario, invariants: [] };
  return { ...test, litmus, scenario, condition: readCondition(litmus, scenario, test.name) };
}

/** What an expression joins, at its top. */
const parts = (kind: 'and' | 'or', e: Expression): Expression[] =>
  e.kind === kind ? [...parts(kind, e.left), ...parts(kind, e.right)] : [e];

/** The newest protocol under which the test holds, or the newest it names. */
function protocolOf(test: LitmusTest) {
  const ids = protocolsOf(test);
  const holding = ids.filter((id) => expectationOf(test, id)!.verdict === 'holds');
  return protocolById((holding.at(-1) ?? ids.at(-1))!);
}

describe('no condition is vacuous', () => {
  it('every quantifier that is used is looked at', () => {
    const used = new Set(committedTests().map((t) => t.litmus.condition?.quantifier));
    expect([...used].filter(Boolean).toSorted()).toEqual(['always', 'exists', 'forall', 'never']);
  });

  it.each(asking('exists'))('$name: a final state satisfies it', (test) => {
    const { verdict, steps } = verdictOf(test, protocolOf(test));
    expect(verdict).toBe('holds');
    expect(steps).toBeGreaterThan(0);
  });

  // Where every version breaks it, the test is there to show that it does not hold.
  it.each(asking('forall').filter((t) => t.expectations.some((e) => e.verdict === 'holds')))(
    '$name: there are final states, of every kind it allows',
    (test) => {
      for (const part of parts('or', test.litmus.condition!.expression))
        expect(verdictOf(askedFor(test, 'exists', part), protocolOf(test)).verdict).toBe('holds');
    },
  );

  it.each(asking('always'))('$name: each way in which it holds is met with', (test) => {
    for (const part of parts('or', test.litmus.condition!.expression))
      expect(verdictOf(askedFor(test, 'never', part), protocolOf(test)).verdict).toBe('violated');
  });

  it.each(asking('never').filter((t) => t.litmus.condition!.expression.kind === 'and'))(
    '$name: each part of what never happens does happen',
    (test) => {
      for (const part of parts('and', test.litmus.condition!.expression))
        expect(verdictOf(askedFor(test, 'never', part), protocolOf(test)).verdict).toBe('violated');
    },
  );
});
