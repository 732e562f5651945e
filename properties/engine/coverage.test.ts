import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportedValue } from '../../src/check/coverage/evaluate.js';
import { Facts } from '../../src/check/coverage/facts.js';
import { moduleAt } from '../../src/check/coverage/modules.js';
import { seenCalls } from '../../src/check/coverage/seen.js';
import { functionCoverage } from '../../src/check/coverage/summary.js';
import { functionUniverse, type Survey } from '../../src/check/coverage/universe.js';
import type { FunctionValue } from '../../src/check/coverage/values.js';
import type { Operation } from '../../src/core/automaton.js';
import { step } from '../../src/core/flow.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import type { FunctionCoverage } from '../../src/report/coverage.js';
import { placeToy, refill, type Toy } from './coverage-toy.js';
import { build, op } from './world.js';

const source = moduleAt(join(import.meta.dirname, 'coverage-toy.ts'))!;

/** What the source of the toy has to reach. */
function survey(): Survey {
  const fn = exportedValue(source, 'refill', new Map()) as FunctionValue;
  const found = { functions: new Map([['refill', fn]]), kernel: new Map() };
  return { source: found, universe: new Map([['refill', functionUniverse('refill', found)]]) };
}

type Program = (k: Toy) => Operation[];
const refills =
  (...numbers: number[]): Program =>
  (k) =>
    numbers.map((n) => op('refill', (number: number) => refill(k, number), n));

/** The coverage of refill() by these actors, in every interleaving. */
function covered(programs: readonly Program[], budget = 0): FunctionCoverage {
  const { machine } = build({ state: placeToy, programs, budget });
  new ExhaustiveSearch(machine, { maxStates: 100_000 }).run();
  const all = survey();
  const facts = new Facts(all);
  for (const line of seenCalls(machine, { refill }, 'all')) facts.add(line);
  return functionCoverage(
    'toy',
    'refill',
    all.universe.get('refill')!,
    facts.functions.get('refill'),
  );
}

const missed = ({ steps }: FunctionCoverage): string[] =>
  steps.filter((s) => !s.reached).map((s) => s.label);

const unlocks = ({ steps }: FunctionCoverage): boolean[] =>
  steps.filter((s) => s.label === 'mutex_unlock(&stock->lock)').map((s) => s.reached);

const seen = (outcomes: readonly { name: string; seen: boolean }[]): string[] =>
  outcomes.filter((o) => o.seen).map((o) => o.name);

const named = (coverage: FunctionCoverage, label: string) =>
  coverage.steps.find((s) => s.label === label)!;

describe('coverage of a function', () => {
  it('has all steps of the source, those of helpers too, in its words', () => {
    const { steps, returns } = covered([refills(1)]);
    expect(steps.map((s) => `${s.kind} ${s.label}`)).toEqual([
      'step mutex_lock(&stock->lock)',
      'choose item = kmalloc()',
      'step mutex_unlock(&stock->lock)',
      'test stock_is_full()',
      'step mutex_unlock(&stock->lock)',
      'step add(item N)',
      'step mutex_unlock(&stock->lock)',
    ]);
    expect(returns.map((r) => r.name)).toEqual(['-ENOMEM', '-EAGAIN', '0']);
    for (const { source: at } of steps)
      expect(at).toMatch(/^properties.engine.coverage-toy\.ts:\d+$/);
  });

  it('tells the branch that was never taken from one that ends in the same step', () => {
    const coverage = covered([refills(1)]);
    expect(unlocks(coverage)).toEqual([false, false, true]);
    expect(seen(named(coverage, 'stock_is_full()').outcomes)).toEqual(['false']);
    expect(seen(named(coverage, 'item = kmalloc()').outcomes)).toEqual(['default']);
    expect(seen(coverage.returns)).toEqual(['0']);
  });

  it('sees the branch when it is taken', () => {
    const coverage = covered([refills(2, 1)]);
    expect(unlocks(coverage)).toEqual([false, true, true]);
    expect(seen(named(coverage, 'stock_is_full()').outcomes)).toEqual(['true', 'false']);
    expect(seen(coverage.returns)).toEqual(['-EAGAIN', '0']);
  });

  it('misses what only a fault leads to where there is none', () => {
    const coverage = covered([refills(1)], 1);
    expect(unlocks(coverage)).toEqual([true, false, true]);
    expect(seen(named(coverage, 'item = kmalloc()').outcomes)).toEqual(['default', '-ENOMEM']);
    expect(seen(coverage.returns)).toEqual(['-ENOMEM', '0']);
    expect(missed(covered([refills(1)]))).toHaveLength(missed(coverage).length + 1);
  });

  it('knows which lock was contended', () => {
    const lock = 'mutex_lock(&stock->lock)';
    expect(named(covered([refills(1)]), lock).waited).toBe(false);
    expect(named(covered([refills(1), refills(1)]), lock).waited).toBe(true);
    expect(named(covered([refills(1)]), 'stock_is_full()').waited).toBeNull();
  });

  it('misses the body of a loop that nobody enters', () => {
    expect(missed(covered([refills(0)]))).toContain('add(item N)');
    expect(missed(covered([refills(3)]))).not.toContain('add(item N)');
  });

  it('says nothing of a function that does what its source does not show', () => {
    const other: Program = (k) => [
      op('refill', function* () {
        yield* refill(k, 1);
        return yield* refill(k, 1);
      }),
    ];
    expect(covered([refills(1)]).unknown).toBeNull();
    expect(covered([other]).unknown).toBe("its source does not show 'mutex_lock(&stock->lock)'");
  });

  it('knows a function that nobody calls', () => {
    const { called, steps } = covered([() => []]);
    expect([called, steps.some((s) => s.reached)]).toEqual([false, false]);
  });

  it('takes a step that is always blocked for one that nobody takes', () => {
    const hog: Program = (k) => [
      op('hog', function* () {
        yield* step('lock and keep', () => void (k.stock.lock.owner = 0));
      }),
    ];
    const both: Program = (k) => [...hog(k), ...refills(1)(k)];
    expect(named(covered([both]), 'mutex_lock(&stock->lock)')).toMatchObject({
      reached: false,
      blocked: true,
      waited: true,
    });
  });
});
