import { describe, expect, it } from 'vitest';
import { again, call, choose, step, test, type Flow } from '../../src/core/flow.js';
import { lock, mutex, tryLock, unlock, type Lock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { bool, int, struct } from '../../src/core/struct.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { hasCycle } from '../../src/explore/progress/components.js';
import { findLivelock, mayCycle } from '../../src/explore/progress/cycles.js';
import { findDoomed } from '../../src/explore/progress/doomed.js';
import { graphOf } from '../../src/explore/progress/graph.js';
import { lassoIn } from '../../src/explore/progress/replayed.js';
import { build, op, order } from './world.js';

const Cells = struct({ a: mutex('a'), b: mutex('b'), flag: bool(), x: int(0, 2) });
type S = ReturnType<typeof Cells.place>;
type Code = (s: S) => Flow;

/** Both answers about a world in which nothing else is wrong. */
function progress(flows: Code[], budget = 0) {
  const { machine } = build({
    state: (memory: Memory) => Cells.place(memory, 's'),
    programs: flows.map((flow) => (s: S) => [op('f', () => flow(s))]),
    budget,
  });
  const search = new ExhaustiveSearch(machine, { maxStates: 100_000 });
  expect(search.run()).toMatchObject({ verdict: 'holds' });
  const graph = graphOf(machine, search.states, search.transitions);
  const [doomed, livelock] = [findDoomed(graph), findLivelock(graph)];
  for (const lasso of [livelock, doomed].filter((l) => l !== undefined))
    expect(lassoIn(machine, [...lasso.stem, ...lasso.loop])).toMatchObject({ stem: lasso.stem });
  return { machine, graph, doomed, livelock };
}

const NEITHER = { doomed: undefined, livelock: undefined };
const movers = (lasso: { loop: readonly { actor: number }[] } | undefined): number[] => [
  ...new Set(lasso?.loop.map((d) => d.actor)),
];

const setFlag: Code = (s) => step('flag = true', () => void (s.flag = true));
const spin: Code = function* (s) {
  if (!(yield* test('flag?', () => s.flag))) yield* again();
};
const locked = (code: Code): Code =>
  function* (s) {
    yield* lock('lock', s.a);
    yield* code(s);
    yield* unlock('unlock', s.a);
  };
/** Looks at the flag under the lock, and lets go of it in between. */
const poll: Code = function* (s) {
  yield* lock('lock', s.a);
  const isSet = yield* test('flag?', () => s.flag);
  yield* unlock('unlock', s.a);
  if (!isSet) yield* again();
};

/** Spins inside what the other needs to end that. */
const spinsInside = locked(function* (s) {
  yield* call('spin', () => spin(s));
});

describe('fair cycles', () => {
  it('who waits for another in a loop makes progress when the other does', () => {
    const found = progress([spin, setFlag]);
    expect(found).toMatchObject(NEITHER);
    expect(hasCycle(found.graph)).toBe(true);
    expect(mayCycle(found.machine)).toBe(true);
  });

  it('without a retry there is no cycle', () => {
    const { machine, graph } = progress([locked(setFlag), locked(setFlag)]);
    expect(hasCycle(graph)).toBe(false);
    expect(mayCycle(machine)).toBe(false);
  });

  it('a lock that is free again and again is had in the end', () => {
    const found = progress([poll, locked(setFlag)]);
    expect(found).toMatchObject(NEITHER);
    expect(hasCycle(found.graph)).toBe(true);
  });

  it('a trylock has no queue: it may fail every time', () => {
    const tries: Code = function* (s) {
      if (!(yield* tryLock('trylock', s.a))) yield* again();
      yield* setFlag(s);
      yield* unlock('unlock', s.a);
    };
    const { doomed, livelock } = progress([poll, tries]);
    expect(doomed).toBeUndefined();
    expect(movers(livelock).toSorted()).toEqual([0, 1]);
    expect(livelock!.stem).toEqual([]);
    expect(livelock!.loop).toHaveLength(4);
  });

  it('nor has a condition: it may be false whenever one looks', () => {
    const toggles: Code = function* (s) {
      yield* step('x = 1', () => void (s.x = 1));
      yield* step('x = 0', () => void (s.x = 0));
      if (!(yield* test('flag?', () => s.flag))) yield* again();
    };
    const waits: Code = (s) =>
      step('x == 1: flag = true', () => void (s.flag = true), { when: () => s.x === 1 });
    const { doomed, livelock } = progress([toggles, waits]);
    expect(doomed).toBeUndefined();
    expect(livelock).toMatchObject({ stem: [], loop: order(0, 0, 0) });
  });

  it('but who can always move does move', () => {
    const toggles: Code = function* (s) {
      yield* step('x', () => void (s.x = (s.x + 1) % 3));
      if (!(yield* test('flag?', () => s.flag))) yield* again();
    };
    expect(progress([toggles, setFlag])).toMatchObject(NEITHER);
  });

  it('two that undo what the other did need never end', () => {
    const insists = (value: number): Code =>
      function* (s) {
        yield* step('x = mine', () => void (s.x = value));
        if (!(yield* test('still mine?', () => s.x === value))) yield* again();
      };
    const { doomed, livelock } = progress([insists(1), insists(2)]);
    expect(doomed).toBeUndefined();
    expect(movers(livelock).toSorted()).toEqual([0, 1]);
  });

  it('nor two that back off from one another', () => {
    const backoff = (first: (s: S) => Lock, second: (s: S) => Lock): Code =>
      function* (s) {
        yield* lock('lock', first(s));
        if (!(yield* tryLock('trylock', second(s)))) {
          yield* unlock('back off', first(s));
          yield* again();
        }
        yield* unlock('unlock', second(s));
        yield* unlock('unlock', first(s));
      };
    const [a, b] = [(s: S) => s.a, (s: S) => s.b];
    const { doomed, livelock } = progress([backoff(a, b), backoff(b, a)]);
    expect(doomed).toBeUndefined();
    expect(movers(livelock).toSorted()).toEqual([0, 1]);
    // Where both keep the order, one of them always has both.
    expect(progress([backoff(a, b), backoff(a, b)])).toMatchObject(NEITHER);
  });

  it('who need not release a lock may keep it, though it could', () => {
    const keeps: Code = function* (s) {
      yield* lock('lock', s.a);
      yield* call('keep', function* () {
        const letsGo = yield* choose('go on?', [
          { name: '', cost: 0 },
          { name: 'no', cost: 0 },
        ]);
        if (!letsGo) yield* again();
      });
      yield* unlock('unlock', s.a);
      if (!(yield* test('flag?', () => s.flag))) yield* again();
    };
    const { doomed, livelock } = progress([keeps, locked(setFlag)]);
    expect(doomed).toBeUndefined();
    expect(livelock).toMatchObject({ stem: order(0), loop: order(0) });
  });

  it('everybody who can spins in the loop', () => {
    const { livelock } = progress([spin, spin, spin]);
    expect(livelock).toMatchObject({ stem: [] });
    expect(livelock!.loop).toHaveLength(3);
    expect(movers(livelock).toSorted()).toEqual([0, 1, 2]);
  });
});

describe('a run that is replayed', () => {
  const lassoOf = (flows: Code[], ...actors: number[]) =>
    lassoIn(progress(flows).machine, order(...actors));

  it('shows a lasso where it comes back to where it was', () => {
    expect(lassoOf([spin, spin], 0, 1)).toMatchObject({ kind: 'doomed', doomedAfter: 0 });
    expect(lassoOf([spin, setFlag])).toBeUndefined();
    expect(lassoOf([spin, setFlag], 1)).toBeUndefined();
    expect(lassoOf([spinsInside, locked(setFlag)], 0)).toBeUndefined();
    expect(lassoOf([spinsInside, locked(setFlag)], 0, 0)).toMatchObject({ doomedAfter: 1 });
  });

  it('and not where a fair scheduler would not repeat it', () => {
    expect(lassoOf([spin, setFlag], 0)).toBeUndefined();
    expect(lassoOf([poll, locked(setFlag)], 0, 0, 0)).toBeUndefined();
  });
});

describe('doomed states', () => {
  it('who spins with a lock held dooms who has to take it first', () => {
    const { doomed, livelock } = progress([spinsInside, locked(setFlag)]);
    expect(doomed).toEqual({ kind: 'doomed', stem: order(0), loop: order(0), doomedAfter: 1 });
    expect(livelock).toMatchObject({ stem: order(0), loop: order(0) });
  });

  it('the outcome of a choice on the way may show in memory alone', () => {
    const code: Code = function* (s) {
      const outcomes = [
        { name: '', cost: 0 },
        { name: 'other', cost: 0 },
      ];
      yield* choose('x', outcomes, (option) => {
        s.x = option;
        return 0;
      });
      yield* call('x?', function* () {
        if ((yield* step('x?', () => s.x)) === 1) yield* again();
      });
    };
    const stem = [{ actor: 0, option: 1 }];
    expect(progress([code])).toMatchObject({ doomed: { stem }, livelock: { stem } });
  });

  it('are found before the loop that they end in', () => {
    const late: Code = function* (s) {
      yield* step('x = 2', () => void (s.x = 2));
      yield* step('on', () => {});
      yield* step('on', () => {});
      yield* call('for ever', function* () {
        if ((yield* step('x?', () => s.x)) === 2) yield* again();
      });
    };
    const { doomed, livelock } = progress([late]);
    expect(doomed).toEqual({
      kind: 'doomed',
      stem: order(0, 0, 0),
      loop: order(0),
      doomedAfter: 0,
    });
    expect(livelock!.stem).toHaveLength(3);
  });

  it('a fault or a signal is no rescue', () => {
    const pending = [
      { name: '', cost: 0 },
      { name: 'signal', cost: 1 },
    ];
    const spinsUntilKilled: Code = function* (s) {
      if (yield* choose('signal_pending()', pending)) return;
      if (!(yield* test('flag?', () => s.flag))) yield* again();
    };
    const { doomed } = progress([spinsUntilKilled], 1);
    expect(doomed).toEqual({ kind: 'doomed', stem: [], loop: order(0, 0), doomedAfter: 0 });
    const sleepsUntilKilled: Code = function* (s) {
      yield* choose('wait_event_interruptible()', pending, (option) => option, {
        when: (option) => option === 1 || s.flag,
      });
    };
    const asleep = progress([setFlagThenClear, sleepsUntilKilled], 1);
    expect(asleep.doomed).toEqual({
      kind: 'doomed',
      stem: order(0, 0),
      loop: [],
      doomedAfter: 2,
    });
    expect(asleep.livelock).toBeUndefined();
  });

  const setFlagThenClear: Code = function* (s) {
    yield* step('flag = true', () => void (s.flag = true));
    yield* step('flag = false', () => void (s.flag = false));
  };

  it('the way on is free as well', () => {
    const spinsForEver = (s: S): Flow =>
      call('spin', function* () {
        if (!(yield* test('flag?', () => s.flag))) yield* again();
      });
    const code: Code = function* (s) {
      const signals = [
        { name: '', cost: 0 },
        { name: 'signal', cost: 1 },
      ];
      if (yield* choose('signal_pending()', signals)) return yield* spinsForEver(s);
      yield* step('on', () => {});
      yield* step('on', () => {});
      return yield* spinsForEver(s);
    };
    const { doomed, livelock } = progress([code], 1);
    expect(doomed).toMatchObject({ stem: order(0, 0, 0), loop: order(0), doomedAfter: 0 });
    expect(livelock!.stem).toEqual([{ actor: 0, option: 1 }]);
  });

  it('a state that a fault made doomed counts', () => {
    const fails: Code = function* (s) {
      const failed = yield* choose('alloc', [
        { name: '', cost: 0 },
        { name: 'ENOMEM', cost: 1 },
      ]);
      if (!failed) yield* setFlag(s);
    };
    expect(progress([spin, fails], 0)).toMatchObject(NEITHER);
    const { doomed, livelock } = progress([spin, fails], 1);
    expect(doomed).toMatchObject({ stem: [{ actor: 1, option: 1 }], loop: order(0) });
    expect(livelock).toMatchObject({ stem: [{ actor: 1, option: 1 }] });
  });
});
