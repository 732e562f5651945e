import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { again, choose, step, type Flow } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { build, explore, op, type Tiny } from './world.js';

const Cells = struct({ a: int(0, 9), b: int(0, 9), c: int(0, 9), big: int(0, 80_000) });
type S = ReturnType<typeof Cells.place>;
const state = (memory: Memory): S => Cells.place(memory, 's');

/** A step of each actor; `others` make many memories in which it is the same. */
const world = (own: (s: S) => Flow<void>, others: number): Tiny<S> => ({
  state,
  programs: [
    (s) => [op('own', () => own(s))],
    (s) => Array.from({ length: others }, () => op('up', () => step('up', () => void s.c++))),
  ],
});

describe('effects', () => {
  it('are run once for the values that guard and effect read, not once for each memory', () => {
    let [asked, run] = [0, 0];
    const own = (s: S): Flow<void> =>
      step(
        'own',
        () => {
          run++;
          s.b = s.a + 1;
        },
        {
          when: () => {
            asked++;
            return s.a === 0;
          },
        },
      );
    expect(explore(world(own, 9))).toMatchObject({ states: 20, transitions: 28 });
    expect([asked, run]).toEqual([1, 1]);
  });

  it('are told apart by every cell that they read, on whatever way', () => {
    // Reads c, and b only where c is 5: what it does depends on both.
    const own = (s: S): Flow<void> =>
      step('own', () => {
        s.a = s.c === 5 ? s.b + 1 : s.c > 5 ? 7 : 8;
      });
    const { machine, state: cells } = build(world(own, 9));
    const search = new ExhaustiveSearch(machine, { maxStates: 1000 });
    // a is 8, 1 or 7 where it was written with c below 5, at 5 or above.
    expect(search.run().states).toBe(10 + 10 + 5 + 4);
    const row = new Int32Array(3);
    const seen = new Set<string>();
    for (let id = 0; id < search.states.count; id++) {
      search.states.read(id, row);
      seen.add(machine.inspect(row[0]!, () => `${cells.a} ${cells.c}`));
    }
    expect(seen).toContain('1 5');
    expect(seen).toContain('7 6');
    expect(seen).not.toContain('7 5');
  });

  it('take in what they update unseen, and what they read after they have written', () => {
    const own = (s: S): Flow<void> =>
      step('own', () => {
        s.$memory.update(s.$base + 2, (c) => (c * 3) % 10);
        s.a = 4;
        s.b = s.a + 1;
      });
    const { machine, state: cells } = build(world(own, 3));
    const search = new ExhaustiveSearch(machine, { maxStates: 1000 });
    search.run();
    const row = new Int32Array(3);
    const ends = new Set<string>();
    for (let id = 0; id < search.states.count; id++) {
      search.states.read(id, row);
      if (machine.isDone(row[1]!) && machine.isDone(row[2]!))
        ends.add(machine.inspect(row[0]!, () => `${cells.a} ${cells.b} ${cells.c}`));
    }
    // At 0, 1, 2 or 3 of three steps up: 0 + 3, 3 + 2, 6 + 1, 9.
    expect(ends).toEqual(new Set(['4 5 3', '4 5 5', '4 5 7', '4 5 9']));
  });

  it('are told apart by outcome and by actor', () => {
    const mine = (s: S): Flow<void> =>
      step('mine', () => {
        if (s.$memory.actor === 0) s.a = 1;
        else s.b = 1;
      });
    const pick = (): Flow<number> =>
      choose(
        'pick',
        [0, 1, 2].map((i) => ({ name: `${i}`, cost: 0 })),
      );
    const tiny: Tiny<S> = {
      state,
      programs: [0, 1].map(() => (s) => [
        op('f', function* () {
          yield* mine(s);
          yield* pick();
          yield* step('end', () => {});
        }),
      ]),
    };
    // Before, after mine, after each of three outcomes, done: six places each.
    expect(explore(tiny).states).toBe(36);
  });

  it('that fail do so wherever they are run', () => {
    const own = (s: S): Flow<void> => step('own', () => void (s.a = s.c + 8));
    expect(() => explore(world(own, 9))).toThrow(EngineError);
    expect(() => explore(world(own, 9))).toThrow(/step 'own': .*outside its range 0..9/);
    expect(explore(world(own, 1)).states).toBe(2 + 2 + 1);
  });

  it.each([1000, 70_000])('are forgotten, not mistaken, where there are too many: %i', (TOP) => {
    // Each step up reads another value; the second time, in other memories.
    const climb: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op('climb', function* () {
            const isUp = yield* step('up', () => {
              if (s.big === TOP) return 1;
              s.big++;
              return 0;
            });
            if (isUp === 0) yield* again();
            const round = yield* step('down', () => {
              s.big = 0;
              return ++s.c;
            });
            if (round < 2) yield* again();
          }),
        ],
      ],
    };
    expect(explore(climb)).toMatchObject({ states: 2 * TOP + 5, transitions: 2 * TOP + 4 });
  });
});
