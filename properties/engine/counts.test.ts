import { describe, expect, it } from 'vitest';
import { choose, step, type Flow } from '../../src/core/flow.js';
import { lock, mutex, unlock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct, table } from '../../src/core/struct.js';
import { explore, op, type Tiny } from './world.js';

const Cells = struct({ x: int(0, 9), m: mutex('m'), own: table(5, int(0, 9)) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;
const same = (n: number, flow: (s: S) => Flow<number | void>): Tiny<S> => ({
  state,
  programs: Array.from({ length: n }, () => (s: S) => [op('f', () => flow(s))]),
});

describe('states and transitions of machines small enough to count by hand', () => {
  const sizes = [
    [1, 1],
    [1, 6],
    [2, 3],
    [3, 2],
    [4, 3],
    [5, 2],
  ] as const;

  it.each(sizes)('%i independent actors of %i steps each', (n, k) => {
    // Each is at one of k + 1 places; each can move from all but its last.
    const states = (k + 1) ** n;
    const transitions = n * k * (k + 1) ** (n - 1);
    const idle = same(n, function* () {
      for (let i = 0; i < k; i++) yield* step(`${i}`, () => {});
    });
    const counting = same(n, function* (s) {
      for (let i = 0; i < k; i++)
        yield* step(`${i}`, () => {
          const me = s.$memory.actor;
          s.own.store(me, s.own.load(me) + 1);
        });
    });
    const operations: Tiny<S> = {
      state,
      programs: Array.from(
        { length: n },
        () => () => Array.from({ length: k }, () => op('s', () => step('s', () => {}))),
      ),
    };
    for (const tiny of [idle, counting, operations])
      expect(explore(tiny)).toMatchObject({ verdict: 'holds', states, transitions });
  });

  it('two increments of one counter, neither atomic', () => {
    // A place is r (to read), w0 or w1 (to write what it read + 1), d (done).
    //   rr0; w0r0 rw00; dr1 w0w00 rd1; dw11 w1d1 dw01 w0d1; dd2 dd1
    // is 1 + 2 + 3 + 4 + 2 = 12. Moves: 2, then 2 from each of two, then
    // 1 + 2 + 1, then 1 from each of four: 14.
    const increment = same(2, function* (s) {
      const r = yield* step('read', () => s.x);
      yield* step('write', () => void (s.x = r + 1));
    });
    const result = explore(increment);
    expect(result).toMatchObject({ states: 12, transitions: 14 });
    expect(result.note).toContain('2 of them final');
  });

  it('and atomic ones', () => {
    // The counter is the number of actors that are done: one state per subset.
    const result = explore(same(3, (s) => step('inc', () => void s.x++)));
    expect(result).toMatchObject({ states: 8, transitions: 12 });
  });

  it.each([1, 2, 3, 4])('%i actors with a critical section', (n) => {
    // Each is before, inside (at its step, or at unlock) or after. Nobody
    // inside: 2^n. One inside: n, at 2 places, the others at 2: n 2 2^(n-1).
    // Each of an actor's three moves needs the others outside: n 3 2^(n-1).
    const result = explore(
      same(n, function* (s) {
        yield* lock('lock', s.m);
        yield* step('inside', () => {});
        yield* unlock('unlock', s.m);
      }),
    );
    expect(result).toMatchObject({
      states: 2 ** n * (1 + n),
      transitions: 3 * n * 2 ** (n - 1),
    });
  });

  it.each([1, 2, 3])('%i actors with a choice of three', (n) => {
    // Before, after each outcome, done: 5 places. 3 + 3 moves of one actor,
    // whatever place the others are at.
    const result = explore(
      same(n, function* () {
        yield* choose(
          'pick',
          [0, 1, 2].map((i) => ({ name: `${i}`, cost: 0 })),
        );
        yield* step('s', () => {});
      }),
    );
    expect(result).toMatchObject({ states: 5 ** n, transitions: n * 6 * 5 ** (n - 1) });
  });

  it('a choice that nobody remembers', () => {
    // It ends its operation: one place before, one after, 3 moves between.
    const pick = () =>
      choose(
        'pick',
        [0, 1, 2].map((i) => ({ name: `${i}`, cost: 0 })),
      );
    expect(explore(same(1, pick))).toMatchObject({ states: 2, transitions: 3 });
    // Unless its outcome is the operation's result.
    expect(explore({ ...same(1, pick), outcomes: ['r'] })).toMatchObject({
      states: 4,
      transitions: 3,
    });
  });

  it('a guard', () => {
    // a0 waits for a1: (before, before), (before, after), (after, after).
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [op('wait', () => step('wait', () => {}, { when: () => s.x === 1 }))],
        (s) => [op('set', () => step('set', () => void (s.x = 1)))],
      ],
    };
    expect(explore(tiny)).toMatchObject({ states: 3, transitions: 2, verdict: 'holds' });
  });

  it('beyond the tables that were allocated at first', () => {
    // 16 bits of independent booleans: 65,536 states and as many memories.
    const bits: Tiny<S> = {
      state: (memory: Memory) =>
        struct({ own: table(16, int(0, 1)), x: int(0, 1), m: mutex('m') }).place(
          memory,
          's',
        ) as never,
      programs: Array.from({ length: 16 }, () => (s: S) => [
        op('f', () => step('set', () => s.own.store(s.$memory.actor, 1))),
      ]),
    };
    expect(explore(bits)).toMatchObject({ states: 65536, transitions: 16 * 32768 });
  });
});
