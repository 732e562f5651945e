import { describe, expect, it } from 'vitest';
import { step, type Flow } from '../../src/core/flow.js';
import {
  lock,
  lockQueued,
  lockShared,
  mutex,
  rwlock,
  rwsem,
  tryLock,
  unlock,
  unlockShared,
} from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { traceOf } from '../../src/core/trace.js';
import { waitersOf } from '../../src/report/holders.js';
import { Run } from '../../src/core/run.js';
import { int, struct } from '../../src/core/struct.js';
import { build, explore, op, order, runOf, type Tiny } from './world.js';

const Cells = struct({
  m: mutex('m'),
  page: mutex('page lock'),
  rw: rwlock('rw'),
  sem: rwsem('sem'),
  writers: int(0, 4),
  readers: int(0, 4),
  both: int(0, 4),
});
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;
const tinyOf = (...flows: ((s: S) => Flow)[]): Tiny<S> => ({
  state,
  programs: flows.map((flow) => (s) => [op(flow.name || 'f', () => flow(s))]),
});

/** Which actors can move after these have, in this order. */
function movable(tiny: Tiny<S>, ...actors: number[]): number[] {
  const run = runOf(build(tiny).machine, order(...actors));
  return run.enabled().map((d) => d.actor);
}

function* exclusive(s: S): Flow {
  yield* lock('lock', s.rw);
  yield* step('in', () => void s.writers++);
  yield* step('out', () => void s.writers--);
  yield* unlock('unlock', s.rw);
}
function* shared(s: S): Flow {
  yield* lockShared('lock', s.rw);
  yield* step('in', () => void s.readers++);
  yield* step('out', () => void s.readers--);
  yield* unlockShared('unlock', s.rw);
}
function* mutual(s: S): Flow {
  yield* lock('lock', s.m);
  yield* unlock('unlock', s.m);
}

describe('a mutex', () => {
  it('admits one, whoever that is, and the next when it leaves', () => {
    const tiny = tinyOf(mutual, mutual, mutual);
    expect(movable(tiny)).toEqual([0, 1, 2]);
    expect(movable(tiny, 1)).toEqual([1]);
    expect(movable(tiny, 1, 1)).toEqual([0, 2]);
  });

  it('and a page lock is one', () => {
    const flow = function* (s: S): Flow {
      yield* lock('folio_lock', s.page);
      yield* unlock('folio_unlock', s.page);
    };
    expect(movable(tinyOf(flow, flow), 0)).toEqual([0]);
  });

  it('two locks do not exclude each other', () => {
    const other = function* (s: S): Flow {
      yield* lock('lock', s.page);
      yield* unlock('unlock', s.page);
    };
    expect(movable(tinyOf(mutual, other), 0, 1)).toEqual([0, 1]);
  });
});

describe('a reader-writer lock', () => {
  it('admits many readers or one writer', () => {
    expect(movable(tinyOf(shared, shared), 0)).toEqual([0, 1]);
    expect(movable(tinyOf(shared, exclusive), 0)).toEqual([0]);
    expect(movable(tinyOf(exclusive, shared), 0)).toEqual([0]);
    expect(movable(tinyOf(exclusive, exclusive), 0)).toEqual([0]);
  });

  it('a writer waits for the last reader', () => {
    const tiny = tinyOf(shared, shared, exclusive);
    const left = [0, 1, 0, 0, 0];
    expect(movable(tiny, ...left)).toEqual([1]);
    expect(movable(tiny, ...left, 1, 1, 1)).toEqual([2]);
  });

  it('keeps readers and writers apart in every state, and readers together in some', () => {
    const tiny: Tiny<S> = {
      ...tinyOf(shared, shared, exclusive, exclusive),
      properties: (s) => ({
        apart: () => s.writers === 0 || (s.writers === 1 && s.readers === 0),
      }),
    };
    expect(explore(tiny).verdict).toBe('holds');
    const together = { ...tiny, properties: (s: S) => ({ alone: () => s.readers < 2 }) };
    expect(explore(together).property).toBe('alone');
  });
});

describe('a lock with queued writers', () => {
  const writes = function* (s: S): Flow {
    yield* lockQueued('lock', s.sem);
    yield* unlock('unlock', s.sem);
  };
  /** The first has the lock shared and takes the mutex under it; the second the other way round. */
  const readers = (l: 'rw' | 'sem') =>
    [
      function* (s: S): Flow {
        yield* lockShared('lock', s[l]);
        yield* mutual(s);
        yield* unlockShared('unlock', s[l]);
      },
      function* (s: S): Flow {
        yield* lock('lock', s.m);
        yield* lockShared('lock', s[l]);
        yield* unlockShared('unlock', s[l]);
        yield* unlock('unlock', s.m);
      },
    ] as const;

  it('has readers wait behind them, until they have been there', () => {
    const tiny = tinyOf(...readers('sem'), writes);
    expect(movable(tiny, 1, 2)).toEqual([2]);
    expect(movable(tiny, 1, 2, 2, 2)).toEqual([0, 1]);
  });

  it('lets two readers deadlock, which takes the writer', () => {
    expect(explore(tinyOf(...readers('sem'))).verdict).toBe('holds');
    expect(explore(tinyOf(...readers('rw'), exclusive)).verdict).toBe('holds');
    const result = explore(tinyOf(...readers('sem'), writes));
    expect(result).toMatchObject({ verdict: 'violated', property: 'deadlock' });
    expect(result.schedule).toHaveLength(3);
    const { run } = traceOf(build(tinyOf(...readers('sem'), writes)).machine, result.schedule!);
    expect(waitersOf(run).map((w) => [w.actor, w.heldBy])).toEqual([
      ['a0', ['a1']],
      ['a1', ['a2']],
      ['a2', ['a0']],
    ]);
  });
});

describe('a trylock', () => {
  function* trying(s: S): Flow {
    if (!(yield* tryLock('trylock', s.rw))) return;
    yield* unlock('unlock', s.rw);
  }
  it('never waits: it takes a free lock and fails on any other', () => {
    const done = (...actors: number[]) => {
      const { machine } = build(tinyOf(trying, exclusive, shared));
      return runOf(machine, order(...actors)).isDone(0);
    };
    expect(done(0)).toBe(false);
    expect(done(1, 0)).toBe(true);
    expect(done(2, 0)).toBe(true);
    expect(done(1, 1, 1, 1, 0)).toBe(false);
  });
  it('keeps others out when it succeeds', () => {
    expect(movable(tinyOf(trying, exclusive, shared), 0)).toEqual([0]);
  });
});

describe('only the holder releases', () => {
  it.each<[string, (s: S) => Flow, (s: S) => Flow]>([
    ['a mutex', (s) => lock('lock', s.m), (s) => unlock('unlock', s.m)],
    ['a writer', (s) => lock('lock', s.rw), (s) => unlock('unlock', s.rw)],
    ['a reader', (s) => lockShared('lock', s.rw), (s) => unlockShared('unlock', s.rw)],
  ])('%s', (_, take, release) => {
    const leaver = Object.assign(take, { leaves: ['m', 'rw'] });
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op(
            'take',
            Object.assign(() => leaver(s), { leaves: ['m', 'rw'] }),
          ),
        ],
        (s) => [op('release', () => release(s))],
      ],
    };
    const { machine } = build(tiny);
    const refusal = /unlock: s\.(m|rw) is not held by this (actor|reader)/;
    expect(() => runOf(machine, order(0, 1))).toThrow(refusal);
    expect(() => runOf(machine, order(1))).toThrow(refusal);
  });

  it('and releases what it took: shared is not exclusive', () => {
    const wrong = function* (s: S): Flow {
      yield* lockShared('lock', s.rw);
      yield* unlock('unlock', s.rw);
    };
    const gnorw = function* (s: S): Flow {
      yield* lock('lock', s.rw);
      yield* unlockShared('unlock', s.rw);
    };
    const inside = (flow: typeof wrong) => () => explore(tinyOf(flow));
    expect(inside(wrong)).toThrow('s.rw is held shared: it is given up as a reader does');
    expect(inside(gnorw)).toThrow('s.rw is held exclusively: it is given up as a writer does');
  });

  it('once', () => {
    const twice = function* (s: S): Flow {
      yield* mutual(s);
      yield* unlock('unlock', s.m);
    };
    expect(() => explore(tinyOf(twice))).toThrow(/not held/);
  });
});

describe('taking a lock again', () => {
  it('is refused to a reader: real locks may wait behind a writer there', () => {
    const twice = function* (s: S): Flow {
      yield* lockShared('lock', s.rw);
      yield* lockShared('again', s.rw);
      yield* unlockShared('unlock', s.rw);
      yield* unlockShared('unlock', s.rw);
    };
    expect(() => explore(tinyOf(twice))).toThrow(/again: s\.rw is already held by this reader/);
  });

  const self: [string, (s: S) => Flow, (s: S) => Flow][] = [
    ['a mutex twice', (s) => lock('1', s.m), (s) => lock('2', s.m)],
    ['exclusive twice', (s) => lock('1', s.rw), (s) => lock('2', s.rw)],
    ['exclusive then shared', (s) => lock('1', s.rw), (s) => lockShared('2', s.rw)],
    ['shared then exclusive', (s) => lockShared('1', s.rw), (s) => lock('2', s.rw)],
  ];
  it.each(self)('%s is a deadlock with oneself', (_, first, second) => {
    const flow = function* (s: S): Flow {
      yield* first(s);
      yield* second(s);
    };
    const result = explore(tinyOf(flow));
    expect(result).toMatchObject({ verdict: 'violated', property: 'deadlock' });
    expect(result.schedule).toEqual(order(0));
  });

  it('a trylock fails on its own lock', () => {
    const flow = function* (s: S): Flow {
      yield* lock('lock', s.m);
      const again = yield* tryLock('trylock', s.m);
      yield* step('count', () => void (s.both = Number(again)));
      yield* unlock('unlock', s.m);
    };
    const tiny: Tiny<S> = { ...tinyOf(flow), properties: (s) => ({ never: () => s.both === 0 }) };
    expect(explore(tiny).verdict).toBe('holds');
  });
});

describe('who holds a lock', () => {
  it('is in memory, for invariants', () => {
    const built = build(tinyOf(mutual, shared, shared));
    const read = (...actors: number[]) =>
      built.machine.inspect(runOf(built.machine, order(...actors)).memory, () => [
        built.state.m.owner,
        built.state.m.isLocked,
        [0, 1, 2].filter((a) => built.state.rw.isSharedBy(a)),
        built.state.rw.isLocked,
        built.state.rw.owner,
      ]);
    expect(read()).toEqual([-1, false, [], false, -1]);
    expect(read(0, 1, 2)).toEqual([0, true, [1, 2], true, -1]);
    expect(read(0, 0, 1)).toEqual([-1, false, [1], true, -1]);
  });

  it('a release may do something else in the same step', () => {
    const flow = function* (s: S): Flow {
      yield* lock('lock', s.m);
      yield* unlock('unlock', s.m, () => void (s.both = 1));
    };
    const tiny: Tiny<S> = {
      ...tinyOf(flow),
      properties: (s) => ({ together: () => (s.both === 1) === false || !s.m.isLocked }),
    };
    expect(explore(tiny)).toMatchObject({ verdict: 'holds', states: 3 });
    expect(new Run(build(tiny).machine).enabled().length).toBe(1);
  });
});
