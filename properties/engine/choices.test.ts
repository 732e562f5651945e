import { describe, expect, it } from 'vitest';
import { choose, step, type Flow, type Option } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { Run } from '../../src/core/run.js';
import { traceOf } from '../../src/core/trace.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import { build, explore, op, runOf, type Tiny } from './world.js';

const Cells = struct({ faults: int(0, 9), x: int(0, 9) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

const OUTCOMES: readonly Option[] = [
  { name: 'success', cost: 0 },
  { name: '-ENOMEM', cost: 1 },
  { name: '-EIO', cost: 2 },
];
const allocate = (s: S) => choose('allocate', OUTCOMES, (o) => ((s.faults += o), o));
const twice = (s: S) =>
  function* (): Flow {
    yield* allocate(s);
    yield* allocate(s);
  };
const tinyOf = (budget: number, actors: number): Tiny<S> => ({
  state,
  budget,
  programs: Array.from({ length: actors }, () => (s: S) => [op('f', twice(s))]),
});
const options = (tiny: Tiny<S>, ...taken: number[]): number[] => {
  const run = runOf(
    build(tiny).machine,
    taken.map((option) => ({ actor: 0, option })),
  );
  return run.enabled().map((d) => d.option);
};

describe('what the environment decides is drawn from a fault budget', () => {
  it('the default is free, with a budget or without', () => {
    expect(options(tinyOf(0, 1))).toEqual([0]);
    expect(options(tinyOf(0, 1), 0)).toEqual([0]);
    expect(explore(tinyOf(0, 3)).verdict).toBe('holds');
  });

  it('an outcome is enabled while the budget covers its cost', () => {
    expect(options(tinyOf(1, 1))).toEqual([0, 1]);
    expect(options(tinyOf(2, 1))).toEqual([0, 1, 2]);
    expect(options(tinyOf(2, 1), 1)).toEqual([0, 1]);
    expect(options(tinyOf(2, 1), 2)).toEqual([0]);
    expect(options(tinyOf(2, 1), 0)).toEqual([0, 1, 2]);
    expect(options(tinyOf(3, 1), 2)).toEqual([0, 1]);
  });

  it('all actors draw from one budget', () => {
    for (let budget = 0; budget <= 6; budget++) {
      const tiny = tinyOf(budget, 2);
      const most = (n: number) => ({
        ...tiny,
        properties: (s: S) => ({ most: () => s.faults <= n }),
      });
      // Costs equal the outcome's number, so the faults add up to what was spent.
      expect(explore(most(budget)).verdict).toBe('holds');
      if (budget > 0) expect(explore(most(budget - 1)).property).toBe('most');
    }
  });

  it('is part of the state', () => {
    // Two choices of success or failure (cost 1) on a budget of 1. Histories
    // [] [0] [1]; done with the fault unspent or spent: 5 states. Moves: 2, then
    // 2 after success and 1 after failure: 5.
    const two = OUTCOMES.slice(0, 2);
    const tiny: Tiny<S> = {
      state,
      budget: 1,
      programs: [
        () => [
          op('f', function* () {
            yield* choose('c', two);
            yield* choose('c', two);
          }),
        ],
      ],
    };
    expect(explore(tiny)).toMatchObject({ states: 5, transitions: 5, verdict: 'holds' });
  });

  it('a choice without a free outcome can be stuck', () => {
    const tiny = (budget: number): Tiny<S> => ({
      state,
      budget,
      programs: [() => [op('f', () => choose('c', [{ name: 'costly', cost: 1 }]))]],
    });
    expect(explore(tiny(0)).property).toBe('deadlock');
    expect(explore(tiny(1)).verdict).toBe('holds');
  });
});

describe('a choice', () => {
  it('may be restricted by a guard on each outcome, budget and all', () => {
    const tiny: Tiny<S> = {
      state,
      budget: 1,
      programs: [
        (s) => [
          op('f', () => choose('c', OUTCOMES, (o) => o, { when: (o) => o !== 0 || s.x === 1 })),
        ],
        (s) => [op('g', () => step('set', () => void (s.x = 1)))],
      ],
    };
    const run = new Run(build(tiny).machine);
    expect(run.enabled().filter((d) => d.actor === 0)).toEqual([{ actor: 0, option: 1 }]);
    run.take({ actor: 1, option: 0 });
    expect(run.enabled().map((d) => d.option)).toEqual([0, 1]);
  });

  it('gives the flow what its effect returns', () => {
    const tiny: Tiny<S> = {
      state,
      programs: [
        () => [
          op('f', () =>
            choose(
              'c',
              [0, 1, 2].map(() => ({ name: '', cost: 0 })),
              (o) => 5 - o,
            ),
          ),
        ],
      ],
      outcomes: ['r'],
    };
    const { machine } = build(tiny);
    const results = [0, 1, 2].map(
      (option) => traceOf(machine, [{ actor: 0, option }]).steps[0]!.completed[0]!.values[0],
    );
    expect(results).toEqual([5, 4, 3]);
  });

  it('is in the trace by name', () => {
    const { machine } = build(tinyOf(2, 1));
    const { steps } = traceOf(machine, [
      { actor: 0, option: 1 },
      { actor: 0, option: 0 },
    ]);
    expect(steps.map((s) => s.option)).toEqual(['-ENOMEM', 'success']);
  });

  it('may have more outcomes than a byte can count', () => {
    const many = Array.from({ length: 300 }, (_, i) => ({ name: `${i}`, cost: i === 299 ? 0 : 1 }));
    const tiny: Tiny<S> = { state, programs: [() => [op('f', () => choose('c', many))]] };
    expect(explore(tiny)).toMatchObject({ states: 2, transitions: 1 });
    const ended: Tiny<S> = {
      ...tiny,
      condition: () => ({ quantifier: 'exists', holds: () => true }),
    };
    const drawn = sample(build(ended).machine, randomWalk(), { runs: 1, seed: 1, maxSteps: 5 });
    expect(drawn.schedule).toEqual([{ actor: 0, option: 299 }]);
  });
});
