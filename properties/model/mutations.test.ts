import { describe, expect, it } from 'vitest';
import { expectationOf, protocolsOf } from '../../src/check/expectation.js';
import { tryMutant } from '../../src/check/mutations/table.js';
import { allMutants, mutantsOf } from '../../src/check/mutations/tried.js';
import { searchedTests } from '../../src/check/searched.js';
import { committedTests } from '../../src/check/tests.js';
import type { LitmusTest } from '../../models/language/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { invariants } from '../../models/invariants/index.js';
import { brokenBy } from '../../models/progress/progress.js';
import { progress } from '../../models/progress/index.js';
import { variantOf, type Mutation } from '../../models/mutations/mutation.js';
import { mutations } from '../../models/mutations/index.js';
import { isThorough } from '../effort.js';
import { testNamed, verdictOf } from './verdict.js';

/** Too large to be asked of every variant. */
const LARGE = [
  'prep-2-first-access',
  'two-faults-vs-two-punches',
  'tlb-attribute-vs-punch',
  'tlb-zap-yields',
  'tlb-freed-page-read',
  'freed-page-read',
];

const STUCK = ['deadlock', 'doomed', 'livelock'];

const caught = mutations.flatMap((m) =>
  'property' in m.caught ? [{ ...m, caught: m.caught }] : [],
);
const mending = mutations.flatMap((m) => ('mends' in m.caught ? [{ ...m, caught: m.caught }] : []));
const harmless = mutations.filter((m) => 'equivalent' in m.caught);

/** The tests that a harmless change is held against: in a long run, all that are not too large. */
function telling(mutation: Mutation): readonly LitmusTest[] {
  const all = committedTests().filter(
    (test) =>
      protocolsOf(test).includes(mutation.base) &&
      !LARGE.includes(test.name) &&
      !mutation.notIn?.includes(test.name),
  );
  if (isThorough) return all;
  const coming = all.filter((test) => comesTo(test, mutation));
  const stride = Math.ceil(coming.length / MOST);
  return coming.filter((_, i) => i % stride === 0);
}
const MOST = 15;

/** Does the test come to a function that the mutation changes? Others cannot tell. */
function comesTo(test: LitmusTest, mutation: Mutation): boolean {
  const changed = Object.keys(variantOf(mutation).changes);
  const called = calledUnder(test, mutation.base);
  return changed.some((name) => called.has(name));
}

/** What a test calls under a version: in its first states, which decides nothing but this. */
function calledUnder(test: LitmusTest, version: string): Set<string> {
  const key = `${test.name} ${version}`;
  let called = known.get(key);
  if (!called) {
    const [found] = searchedTests(protocolById(version), [test], 4_000);
    called = new Set(found?.machine.automaton.frames.states.map((s) => s.def.name));
    known.set(key, called);
  }
  return called;
}
const known = new Map<string, Set<string>>();

describe('one change at a time', () => {
  it('is tried often enough, each once', () => {
    expect(allMutants().length).toBeGreaterThanOrEqual(500);
    expect(caught.length).toBeGreaterThanOrEqual(80);
    expect(new Set(mutations.map((m) => m.id)).size).toBe(mutations.length);
    for (const { mutation, version } of allMutants())
      expect(() => variantOf(mutation, version), `${mutation.id} on ${version}`).not.toThrow();
  });

  it('leaves no invariant vacuous, nor a way to get stuck', () => {
    const catching = new Set(caught.map((m) => m.caught.property));
    const idle = invariants.map((i) => i.id).filter((id) => !catching.has(id));
    expect(idle).toEqual([]);
    for (const property of STUCK) expect(catching).toContain(property);
  });

  it('leaves no statement of progress vacuous, and gets nobody stuck against none', () => {
    const broken = (id: string) => brokenBy(progress, id);
    const catching = new Set(caught.map((m) => broken(m.id)));
    expect(progress.map((p) => p.id).filter((id) => !catching.has(id))).toEqual([]);
    const stuck = caught.filter((m) => STUCK.includes(m.caught.property));
    expect(stuck.filter((m) => !broken(m.id)).map((m) => m.id)).toEqual([]);
  });

  // All of them are in reports/mutations.txt, which is checked to be fresh.
  it.each(caught)('$id: noticed by $caught.property, on its base and on the newest', (mutation) => {
    const all = mutantsOf(mutation);
    const mutants = all.filter((m) => m.version === mutation.base || m === all.at(-1));
    expect(mutants.map((m) => m.version)).toContain(mutation.base);
    for (const mutant of mutants) {
      const { result } = tryMutant(mutant);
      expect([mutant.version, result.verdict, result.property]).toEqual([
        mutant.version,
        'violated',
        mutation.caught.property,
      ]);
    }
  });

  it.each(mending)('$base, $id: mends $caught.test', (mutation) => {
    const test = testNamed(mutation.caught.test);
    expect(expectationOf(test, mutation.base)!.verdict).toBe('violated');
    expect(verdictOf(test, variantOf(mutation)).verdict).toBe('holds');
  });

  it.each(harmless)('$base, $id: changes no verdict', (mutation) => {
    const variant = variantOf(mutation);
    for (const test of telling(mutation)) {
      const expected = expectationOf(test, mutation.base)!;
      const { verdict, property } = verdictOf(test, variant);
      expect([test.name, verdict, property]).toEqual([
        test.name,
        expected.verdict,
        expected.property?.text ?? null,
      ]);
    }
  });
});
