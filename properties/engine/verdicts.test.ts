import { describe, expect, it } from 'vitest';
import { again, step, test, type Flow } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import type { Condition } from '../../src/core/world.js';
import { pct } from '../../src/explore/sampling/pct.js';
import { portfolio } from '../../src/explore/sampling/portfolio.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import type { Strategy } from '../../src/explore/sampling/strategy.js';
import { uniformWalk } from '../../src/explore/sampling/uniform.js';
import { build, explore, op, order, type Tiny } from './world.js';

const Cells = struct({ x: int(0, 9), y: int(0, 9) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

/** x counts the steps of two actors: 9 states. */
const two = function* (s: S): Flow {
  yield* step('1', () => void s.x++);
  yield* step('2', () => void s.x++);
};
const base: Tiny<S> = { state, programs: [0, 1].map(() => (s: S) => [op('two', () => two(s))]) };
const at = (x: number): Tiny<S> => ({ ...base, properties: (s) => ({ bad: () => s.x !== x }) });
const under = (quantifier: Condition['quantifier'], x: number): Tiny<S> => ({
  ...base,
  condition: (s) => ({ quantifier, holds: () => s.x === x }),
});
const strategies: [string, () => Strategy][] = [
  ['random walk', randomWalk],
  ['URW', uniformWalk],
  ['PCT', () => pct(2)],
  ['the portfolio', portfolio],
];

describe('an exhaustive verdict', () => {
  it('rests on every state', () => {
    const result = explore(base);
    expect(result).toMatchObject({ verdict: 'holds', footing: 'exhaustive', states: 9 });
    expect(result).toMatchObject({ property: null, schedule: null });
    expect(result.note).toBe('every state visited, 1 of them final');
  });

  it('is undecided when a bound was hit, and names it', () => {
    for (const max of [1, 4, 8]) {
      const result = explore(base, max);
      expect(result, `${max}`).toMatchObject({
        verdict: 'undecided',
        footing: null,
        property: null,
      });
      expect(result.note).toContain(`--max-states ${max}`);
    }
    expect(explore(base, 9).verdict).toBe('holds');
  });

  it('a violation met before the bound is a violation', () => {
    expect(explore(at(1), 3)).toMatchObject({ verdict: 'violated', property: 'bad' });
    expect(explore(at(4), 3)).toMatchObject({ verdict: 'undecided' });
  });

  it('a witness met before the bound is shown, the verdict stays open', () => {
    // Breadth-first meets the one final state last, so the bound has to be hit
    // by somebody who goes on after it.
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op('f', function* (): Flow {
            const r = yield* step('read', () => s.x);
            if (r === 0) for (let i = 0; i < 9; i++) yield* step('on', () => void (s.y = i));
          }),
        ],
        (s) => [op('g', () => step('set', () => void (s.x = 1)))],
      ],
      condition: () => ({ quantifier: 'exists', holds: () => true }),
    };
    const result = explore(tiny, 10);
    expect(result).toMatchObject({ verdict: 'undecided', schedule: order(1, 0) });
    expect(result.note).toContain('a final state satisfies the condition');
    expect(explore(tiny)).toMatchObject({ verdict: 'holds', schedule: order(1, 0) });
  });

  it('a property that is broken at once takes no step to break', () => {
    expect(explore(at(0))).toMatchObject({ verdict: 'violated', property: 'bad', schedule: [] });
  });

  it('is about every state: steps in between count', () => {
    for (const x of [1, 2, 3, 4]) {
      const result = explore(at(x));
      expect(result).toMatchObject({ verdict: 'violated', property: 'bad' });
      expect(result.schedule).toHaveLength(x);
    }
  });

  it('names the first of several broken properties', () => {
    const properties = (s: S) => ({
      fine: () => true,
      one: () => s.x !== 2,
      other: () => s.x !== 2,
    });
    expect(explore({ ...base, properties }).property).toBe('one');
  });
});

describe.each(strategies)('a verdict of %s', (_, strategy) => {
  const run = (tiny: Tiny<S>, runs = 50, maxSteps = 20) =>
    sample(build(tiny).machine, strategy(), { runs, seed: 1, maxSteps });

  it('rests on samples, and says on how many', () => {
    const result = run(base);
    expect(result).toMatchObject({ verdict: 'holds', footing: 'sampled', states: 0 });
    expect(result.note).toMatch(/^50 schedules sampled \(.*seed 1\), longest 4 steps(;.*)?$/);
    expect(result.transitions).toBe(200);
  });

  it('checks every state it passes, the initial one too', () => {
    for (const x of [0, 1, 2, 3, 4]) {
      const result = run(at(x));
      expect(result).toMatchObject({ verdict: 'violated', footing: 'sampled', property: 'bad' });
      expect(result.schedule).toHaveLength(x);
    }
    expect(run(at(5)).verdict).toBe('holds');
  });

  it('decides conditions', () => {
    expect(run(under('exists', 4))).toMatchObject({ verdict: 'holds', property: null });
    expect(run(under('exists', 4)).schedule).toHaveLength(4);
    expect(run(under('not exists', 4))).toMatchObject({
      verdict: 'violated',
      property: 'condition',
    });
    expect(run(under('forall', 4)).verdict).toBe('holds');
    expect(run(under('forall', 3)).verdict).toBe('violated');
    expect(run(under('never', 2)).verdict).toBe('violated');
    expect(run(under('never', 5)).verdict).toBe('holds');
    expect(run(under('always', 0)).schedule).toHaveLength(1);
    expect(run(under('not exists', 3)).verdict).toBe('holds');
  });

  it('leaves open what no sample has shown', () => {
    const result = run(under('exists', 3));
    expect(result).toMatchObject({ verdict: 'undecided', footing: null, schedule: null });
    expect(result.note).toContain('no witness');
  });

  it('finds deadlocks', () => {
    const waits = (s: S) => step('wait', () => {}, { when: () => s.x > 4 });
    const stuck = { ...base, programs: [...base.programs, (s: S) => [op('w', () => waits(s))]] };
    const result = run(stuck);
    expect(result).toMatchObject({ verdict: 'violated', property: 'deadlock' });
    expect(result.schedule).toHaveLength(4);
  });

  it('says how many runs were cut short', () => {
    const poll = function* (s: S): Flow {
      if (!(yield* test('poll', () => s.y === 1))) yield* again();
    };
    const polls: Tiny<S> = { state, programs: [(s) => [op('poll', () => poll(s))]] };
    const result = run(polls, 7, 10);
    expect(result).toMatchObject({ verdict: 'undecided', footing: null, schedule: null });
    expect(result.note).toContain('longest 10 steps, 7 of them cut short after 10');
    expect(result.note).toContain('no run came to its end');
    // Whoever sets the flag does it in time in some runs, and in some it does not.
    const idle = (s: S): Flow => step('idle', () => void (s.x = (s.x + 1) % 9));
    const set = function* (s: S): Flow {
      for (let i = 0; i < 5; i++) yield* idle(s);
      yield* step('set', () => void (s.y = 1));
    };
    const some = run(
      { ...polls, programs: [...polls.programs, (s) => [op('set', () => set(s))]] },
      50,
      12,
    );
    expect(some).toMatchObject({ verdict: 'holds', footing: 'sampled' });
  });
});
