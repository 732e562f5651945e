import { describe, expect, it } from 'vitest';
import { step, type Flow } from '../../src/core/flow.js';
import { lock, mutex, unlock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { PENDING, type Condition, type Ledger } from '../../src/core/world.js';
import { after, build, explore, op, order, shows, type Tiny } from './world.js';

const Cells = struct({ x: int(0, 9), a: mutex('a'), b: mutex('b') });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

/** Adds one, not atomically, and returns what it read. */
const add = (s: S) =>
  function* (): Flow<number> {
    const r = yield* step('read', () => s.x);
    yield* step('write', () => void (s.x = r + 1));
    return r;
  };
const adders: Tiny<S> = {
  state,
  outcomes: ['r'],
  programs: [0, 1].map(() => (s: S) => [op('add', add(s))]),
};
const value = (ledger: Ledger, actor: number, operation = 0, field = 0): number =>
  ledger.memory.load(ledger.address(actor, operation, field));
const under = (
  quantifier: Condition['quantifier'],
  holds: (s: S, r: (actor: number) => number) => boolean,
): Tiny<S> => ({
  ...adders,
  condition: (s, ledger) => ({ quantifier, holds: () => holds(s, (a) => value(ledger, a)) }),
});

describe('results of operations are in memory', () => {
  it('once the operation has completed, and not before', () => {
    const built = build(adders);
    const { ledger } = built.world;
    const read = (...actors: number[]) =>
      after(built, order(...actors), () => [value(ledger, 0), value(ledger, 1)]);
    expect(read(0)).toEqual([PENDING, PENDING]);
    expect(read(0, 0)).toEqual([0, PENDING]);
    expect(read(0, 0, 1, 1)).toEqual([0, 1]);
    expect(read(0, 1, 1, 0)).toEqual([0, 0]);
  });

  it('one field for each integer returned, one row for each operation', () => {
    const pair = function* (n: number): Flow<readonly number[]> {
      yield* step('s', () => {});
      return [n, -n];
    };
    const yes = function* (): Flow<boolean> {
      yield* step('s', () => {});
      return true;
    };
    const built = build<S>({
      state,
      outcomes: ['ret', 'more'],
      programs: [
        () => [op('pair', pair, 3), op('yes', yes), op('none', () => step('s', () => {}))],
        () => [op('pair', pair, 4)],
      ],
    });
    const { ledger } = built.world;
    const read = after(built, order(0, 0, 0, 1), () =>
      [0, 1, 2].map((o) => [value(ledger, 0, o, 0), value(ledger, 0, o, 1)]),
    );
    expect(read).toEqual([
      [3, -3],
      [1, 0],
      [0, 0],
    ]);
    const names = built.world.memory.info.map((c) => c.name);
    expect(names).toEqual(expect.arrayContaining(['a0:ret0', 'a0:more2', 'a1:ret0']));
  });

  it('tell final states apart', () => {
    // 12 states without results (see counts.test.ts). With them, the final state
    // x = 2 is two: either actor may have been first. In all others, places and
    // x say already what was returned.
    expect(explore({ ...adders, outcomes: [] }).states).toBe(12);
    expect(explore(adders).states).toBe(13);
  });

  it('beyond what a cell can hold are refused', () => {
    const tiny: Tiny<S> = {
      state,
      outcomes: ['r'],
      programs: [() => [op('big', () => step('s', () => 40_000))]],
    };
    expect(() => explore(tiny)).toThrow(/a0:r0 = 40000: outside its range/);
  });
});

describe('conditions', () => {
  const lost = (s: S, r: (actor: number) => number) => r(0) === 0 && r(1) === 0 && s.x === 1;
  const serial = (_: S, r: (actor: number) => number) => r(0) + r(1) === 1;
  const both = (_: S, r: (actor: number) => number) => r(0) === 1 && r(1) === 1;
  const cases: [Condition['quantifier'], typeof lost, string, number | null][] = [
    // Four steps lead to every final state.
    ['exists', lost, 'holds', 4],
    ['exists', serial, 'holds', 4],
    ['exists', both, 'violated', null],
    ['not exists', lost, 'violated', 4],
    ['not exists', both, 'holds', null],
    ['forall', serial, 'violated', 4],
    ['forall', (s, r) => serial(s, r) || lost(s, r), 'holds', null],
    // Over all states: read, write makes x 1.
    ['always', (s) => s.x === 0, 'violated', 2],
    ['always', (s) => s.x <= 2, 'holds', null],
    ['never', (s) => s.x === 2, 'violated', 4],
    ['never', (s) => s.x === 3, 'holds', null],
    // Over final states only: x is 0 in others.
    ['not exists', (s) => s.x === 0, 'holds', null],
    ['exists', (s) => s.x === 0, 'violated', null],
    ['forall', (s) => s.x > 0, 'holds', null],
    // In the initial state.
    ['always', (s) => s.x > 0, 'violated', 0],
    ['never', (s) => s.x === 0, 'violated', 0],
    // An outcome that is pending is no value at all.
    ['never', (_, r) => r(0) === 0 && r(1) === PENDING, 'violated', 2],
  ];
  it.each(cases)('%s %s: %s', (quantifier, holds, verdict, steps) => {
    const tiny = under(quantifier, holds);
    const result = explore(tiny);
    expect(result).toMatchObject({ verdict, footing: 'exhaustive' });
    expect(result.property).toBe(verdict === 'violated' ? 'condition' : null);
    expect(result.schedule?.length ?? null).toBe(steps);
    if (result.schedule)
      expect(shows(build(tiny).machine, 'condition', result.schedule)).toBe(true);
  });

  it('do not hide a deadlock behind a witness', () => {
    const nested = (s: S, first: 'a' | 'b', second: 'a' | 'b') =>
      function* (): Flow {
        yield* lock('1', s[first]);
        yield* lock('2', s[second]);
        yield* unlock('2', s[second]);
        yield* unlock('1', s[first]);
        for (let i = 0; i < 4; i++) yield* step('on', () => {});
      };
    // The witness needs one step; the deadlock two.
    const tiny: Tiny<S> = {
      state,
      programs: [(s) => [op('ab', nested(s, 'a', 'b'))], (s) => [op('ba', nested(s, 'b', 'a'))]],
      condition: () => ({ quantifier: 'exists', holds: () => true }),
    };
    expect(explore(tiny).property).toBe('deadlock');
  });

  it('do not hide a broken invariant behind a witness', () => {
    // One actor that may end at once, or go on and break things.
    const tiny: Tiny<S> = {
      state,
      budget: 1,
      programs: [
        (s) => [
          op('f', function* (): Flow {
            const on = yield* step('read', () => s.x);
            if (on === 0) return;
            for (let i = 2; i < 6; i++) yield* step('on', () => void (s.x = i));
          }),
        ],
        (s) => [op('g', () => step('set', () => void (s.x = 1)))],
      ],
      properties: (s) => ({ small: () => s.x < 5 }),
      condition: () => ({ quantifier: 'exists', holds: () => true }),
    };
    const result = explore(tiny);
    expect(result).toMatchObject({ verdict: 'violated', property: 'small' });
    expect(result.schedule).toHaveLength(6);
  });
});
