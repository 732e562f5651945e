import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { again, choose, step, test, type Flow } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { Checker } from '../../src/explore/sampling/checker.js';
import { CUT, drive } from '../../src/explore/sampling/drive.js';
import { FastWalk } from '../../src/explore/sampling/fast-walk.js';
import { randomMember } from '../../src/explore/sampling/random.js';
import { Walk } from '../../src/explore/sampling/walk.js';
import type { Machine } from '../../src/core/machine.js';
import { machineOf, mayRecurse, programs } from './programs.js';
import { build, op, type Tiny } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const Cells = struct({ x: int(0, 9), flag: int(0, 1) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

const chooser = randomMember.chooser({ actors: 0, steps: 0, remaining: [] });

/** How runs end, and after how many steps: by the plain loop, and by the fast one. */
function both(machines: readonly [Machine, Machine], seed: number, maxSteps: number, runs: number) {
  const [one, other] = machines;
  const checker = new Checker(one);
  const walk = new Walk(one, seed, maxSteps);
  const fast = new FastWalk(other, seed, maxSteps, new Checker(other));
  const numbers = Array.from({ length: runs }, (_, i) => i);
  return {
    plain: numbers.map((run) => [drive(walk, run, chooser, checker), walk.steps]),
    fast: numbers.map((run) => [fast.run(run), fast.steps]),
  };
}

describe('a fast walk is the plain random walk', () => {
  it('on random programs, with locks, guards, choices and retries', () => {
    const ends = new Set<unknown>();
    fc.assert(
      fc.property(programs, fc.nat(1000), fc.integer({ min: 1, max: 60 }), (p, seed, maxSteps) => {
        fc.pre(!mayRecurse(p));
        const machine = machineOf(p);
        // On tables that the other has filled, and on empty ones.
        for (const other of [machine, machineOf(p)]) {
          const { plain, fast } = both([machine, other], seed, maxSteps, 40);
          expect(fast).toEqual(plain);
          for (const [end] of plain) ends.add(end);
        }
      }),
      { numRuns: 300, seed: seedOf(5) },
    );
    for (const end of [undefined, CUT, 'deadlock', 'condition']) expect(ends).toContain(end);
    expect(ends.size).toBeGreaterThan(enough(4));
  });

  it('with more memories than its table has room for at first', () => {
    const Many = struct({ a: int(0, 40), b: int(0, 40), c: int(0, 40) });
    const cells = ['a', 'b', 'c'] as const;
    const tiny: Tiny<ReturnType<typeof Many.place>> = {
      state: (memory) => Many.place(memory, 's'),
      programs: cells.map((name) => (s) => [
        op('count', function* (): Flow {
          for (let i = 1; i <= 40; i++) yield* step(`${i}`, () => void (s[name] = i));
        }),
      ]),
    };
    const { plain, fast } = both([build(tiny).machine, build(tiny).machine], 3, 500, 300);
    expect(fast).toEqual(plain);
  });

  it('where nobody can move though outcomes are left, all beyond the budget', () => {
    const costly = () =>
      choose('c', [
        { name: 'a', cost: 1 },
        { name: 'b', cost: 1 },
      ]);
    const wait = (s: S) => step('wait', () => {}, { when: () => s.flag === 1 });
    const tiny: Tiny<S> = {
      state,
      programs: [() => [op('c', costly)], (s) => [op('w', () => wait(s))]],
    };
    const { plain, fast } = both([build(tiny).machine, build(tiny).machine], 1, 50, 5);
    expect(fast).toEqual(plain);
    expect(fast[0]).toEqual(['deadlock', 0]);
  });

  it('where thirty wait for one: a batch of draws without a step is no deadlock', () => {
    const wait = (s: S) => step('wait', () => {}, { when: () => s.flag === 1 });
    const poll = function* (s: S): Flow {
      yield* step('count', () => void (s.x = (s.x + 1) % 10));
      if (!(yield* test('9?', () => s.x === 9))) yield* again();
      yield* step('set', () => void (s.flag = 1));
    };
    const waiters = Array.from({ length: 30 }, () => (s: S) => [op('w', () => wait(s))]);
    const tiny: Tiny<S> = { state, programs: [...waiters, (s) => [op('p', () => poll(s))]] };
    const { plain, fast } = both([build(tiny).machine, build(tiny).machine], 1, 500, 50);
    expect(fast).toEqual(plain);
    expect(new Set(fast.map(([end]) => end))).toEqual(new Set([undefined]));
  });

  it('where the first state is broken, and where everybody is done from the start', () => {
    const broken: Tiny<S> = {
      state,
      programs: [(s) => [op('f', () => step('f', () => void (s.x = 1)))]],
      properties: (s) => ({ never: () => s.x === 1 }),
    };
    const done: Tiny<S> = {
      state,
      programs: [() => []],
      condition: () => ({ quantifier: 'not exists', holds: () => true }),
    };
    for (const [tiny, end] of [
      [broken, 'never'],
      [done, 'condition'],
    ] as const) {
      const { plain, fast } = both([build(tiny).machine, build(tiny).machine], 1, 50, 3);
      expect(fast).toEqual(plain);
      expect(fast[0]).toEqual([end, 0]);
    }
  });
});
