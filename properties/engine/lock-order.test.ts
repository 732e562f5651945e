import { describe, expect, it } from 'vitest';
import { call, step, type Flow } from '../../src/core/flow.js';
import { lockCycles, needsWriter } from '../../src/core/lockcycles.js';
import { lockOrderOf, type LockMode, type Nesting } from '../../src/core/lockorder.js';
import {
  lock,
  lockShared,
  mutex,
  rwlock,
  tryLock,
  unlock,
  unlockShared,
  type Lock,
} from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { srcu, srcuReadLock, srcuReadUnlock, synchronize } from '../../src/core/srcu.js';
import { bool, struct } from '../../src/core/struct.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import { build, op, type Tiny } from './world.js';

const Cells = struct({
  a: rwlock('a'),
  b: rwlock('b'),
  c: mutex('c'),
  /** Two locks of one class. */
  x: mutex('x'),
  y: mutex('x'),
  srcu: srcu('srcu'),
  other: srcu('other'),
  turn: bool(),
});
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;
type Body = (s: S) => Flow;

const tinyOf = (...flows: Body[]): Tiny<S> => ({
  state,
  programs: flows.map((flow, i) => (s) => [op(`op${i}`, () => flow(s))]),
});

type Locks = 'a' | 'b' | 'c' | 'x' | 'y';
const none: Body = function* () {};

/** Something held around something else. */
const inside = (take: (l: Lock) => Flow, give: (l: Lock) => Flow) => (name: Locks, body: Body) =>
  function* (s: S): Flow {
    yield* take(s[name]);
    yield* body(s);
    yield* give(s[name]);
  };
const write = inside(
  (l) => lock(`lock ${l.$name}`, l),
  (l) => unlock('unlock', l),
);
const read = inside(
  (l) => lockShared(`read ${l.$name}`, l),
  (l) => unlockShared('unlock', l),
);
const tried = (name: Locks, body: Body): Body =>
  function* (s) {
    if (!(yield* tryLock(`trylock ${name}`, s[name]))) return;
    yield* body(s);
    yield* unlock('unlock', s[name]);
  };
const readSide = (name: 'srcu' | 'other', body: Body): Body =>
  function* (s) {
    yield* srcuReadLock(`enter ${name}`, s[name]);
    yield* body(s);
    yield* srcuReadUnlock('leave', s[name]);
  };
const sync: Body = (s) => synchronize('synchronize', s.srcu);

/** The second half waits until the first has finished: they never meet. */
const first = (body: Body): Body =>
  function* (s) {
    yield* body(s);
    yield* step('done', () => void (s.turn = true));
  };
const second = (body: Body): Body =>
  function* (s) {
    yield* step('wait', () => {}, { when: () => s.turn });
    yield* body(s);
  };

function searched(...flows: Body[]) {
  const { machine } = build(tinyOf(...flows));
  const result = new ExhaustiveSearch(machine, { maxStates: 100_000 }).run();
  return { verdict: result.property ?? result.verdict, order: lockOrderOf(machine) };
}

const cyclesOf = (order: readonly Nesting[]): string[] =>
  lockCycles(order).map((cycle) => cycle.map((n) => n.held.class).join(' '));

/** Cycles of two flows that never meet, hence never deadlock. */
function cycles(one: Body, two: Body): string[] {
  const { verdict, order } = searched(first(one), second(two));
  expect(verdict).toBe('holds');
  return cyclesOf(order);
}

describe('a cycle of locks', () => {
  it('is reported though no schedule deadlocks, because the two take turns', () => {
    expect(cycles(write('a', write('b', none)), write('b', write('a', none)))).toEqual(['a b']);
  });

  it('is reported though a third lock keeps the two apart', () => {
    const { verdict, order } = searched(
      write('c', write('a', write('b', none))),
      write('c', write('b', write('a', none))),
    );
    expect(verdict).toBe('holds');
    expect(cyclesOf(order)).toEqual(['a b']);
  });

  it('is reported where a schedule does deadlock', () => {
    const { verdict, order } = searched(write('a', write('b', none)), write('b', write('a', none)));
    expect(verdict).toBe('deadlock');
    expect(cyclesOf(order)).toEqual(['a b']);
  });

  it('is none where everybody keeps the order', () => {
    expect(cycles(write('a', write('b', none)), write('a', write('b', none)))).toEqual([]);
  });

  it('is none where one lock is given up before the other is taken', () => {
    const inTurn: Body = function* (s) {
      yield* write('b', none)(s);
      yield* write('a', none)(s);
    };
    expect(cycles(write('a', write('b', none)), inTurn)).toEqual([]);
  });

  it('may go through three', () => {
    const { order } = searched(
      write('a', write('b', none)),
      write('b', write('c', none)),
      write('c', write('a', none)),
    );
    const [cycle, ...more] = lockCycles(order);
    expect(more).toEqual([]);
    expect(cycle!.map((n) => `${n.held.label} > ${n.taken.label}`)).toEqual([
      'lock s.a > lock s.b',
      'lock s.b > lock s.c',
      'lock s.c > lock s.a',
    ]);
  });

  it('goes by the held lock, not by the newest one only', () => {
    const three = write('a', write('c', write('b', none)));
    expect(cycles(three, write('b', write('a', none)))).toContain('a b');
  });
});

describe('a trylock', () => {
  it('never waits: nothing depends on it', () => {
    expect(cycles(write('a', write('b', none)), write('b', tried('a', none)))).toEqual([]);
  });

  it('took what others may wait for', () => {
    expect(cycles(write('a', write('b', none)), tried('b', write('a', none)))).toEqual(['a b']);
  });
});

describe('readers', () => {
  it('and a writer make a cycle', () => {
    expect(cycles(read('a', write('b', none)), write('b', write('a', none)))).toEqual(['a b']);
    expect(cycles(write('a', write('b', none)), write('b', read('a', none)))).toEqual(['a b']);
  });

  it('make one among themselves, since a writer may queue between them', () => {
    expect(cycles(read('a', read('b', none)), read('b', read('a', none)))).toEqual(['a b']);
  });

  it('do not where they never wait', () => {
    const oneWay = readSide('srcu', readSide('other', none));
    expect(cycles(oneWay, readSide('other', readSide('srcu', none)))).toEqual([]);
  });

  it('that never wait pass by a reader, and nothing is closed behind them', () => {
    // The same classes as in the cycle with synchronize below, but nobody waits for readers.
    expect(cycles(write('a', readSide('srcu', none)), readSide('srcu', write('a', none)))).toEqual(
      [],
    );
  });
});

describe('synchronize', () => {
  it('under a lock that a reader takes is a cycle', () => {
    expect(cycles(write('a', sync), readSide('srcu', write('a', none)))).toEqual(['a srcu']);
  });

  it('under a lock that is taken outside the read-side section is not', () => {
    expect(cycles(write('a', sync), write('a', readSide('srcu', none)))).toEqual([]);
  });

  it('holds nothing afterwards', () => {
    const then: Body = function* (s) {
      yield* sync(s);
      yield* write('a', none)(s);
    };
    expect(searched(then).order).toEqual([]);
  });

  it('inside its own read-side section is a cycle of one', () => {
    const { order } = searched(readSide('srcu', sync));
    expect(cyclesOf(order)).toEqual(['srcu']);
  });
});

describe('a class nested in itself', () => {
  it('is a cycle of one, whichever the instances', () => {
    const { verdict, order } = searched(write('x', write('y', none)));
    expect(verdict).toBe('holds');
    expect(cyclesOf(order)).toEqual(['x']);
  });

  it('is none where the inner one is only tried', () => {
    expect(cyclesOf(searched(write('x', tried('y', none))).order)).toEqual([]);
  });
});

describe('cycles of given nestings', () => {
  const nest = (outer: string, held: LockMode, inner: string, taken: LockMode): Nesting => {
    const at = (lockClass: string, mode: LockMode) => ({
      class: lockClass,
      instance: lockClass,
      mode,
      label: 'take',
      stack: ['op'],
    });
    return { held: at(outer, held), taken: at(inner, taken) };
  };

  it('come by each class once: a detour through another cycle is none of its own', () => {
    const detour = [
      nest('b', 'exclusive', 'x', 'exclusive'),
      nest('x', 'exclusive', 'b', 'exclusive'),
    ];
    // A recursive read of b passes by its readers, so a and b close none but by way of x.
    const more = [nest('a', 'exclusive', 'b', 'recursive'), nest('b', 'shared', 'a', 'exclusive')];
    expect(cyclesOf([...more, ...detour])).toEqual(['b x']);
    expect(cyclesOf(more)).toEqual([]);
  });

  it('need a writer between two readers, and nobody between synchronize and a reader', () => {
    const wait = (taken: LockMode, held: LockMode): boolean => {
      const { held: h, taken: t } = nest('a', held, 'a', taken);
      return needsWriter(t, h);
    };
    expect(wait('shared', 'shared')).toBe(true);
    expect(wait('shared', 'recursive')).toBe(true);
    expect(wait('recursive', 'shared')).toBe(false);
    expect(wait('synchronize', 'recursive')).toBe(false);
    expect(wait('exclusive', 'shared')).toBe(false);
    expect(wait('shared', 'exclusive')).toBe(false);
  });
});

describe('what is recorded', () => {
  it('names functions and steps of both acquisitions', () => {
    const { order } = searched(function* (s) {
      // A function that returns with a lock says so.
      yield* call(
        'outer',
        Object.assign(() => lock('take a', s.a), { leaves: ['a'] }),
      );
      yield* call('inner', () => write('b', none)(s));
      yield* unlock('drop a', s.a);
    });
    expect(order).toEqual([
      {
        held: {
          class: 'a',
          instance: 's.a',
          mode: 'exclusive',
          label: 'take a',
          stack: ['op0', 'outer'],
        },
        taken: {
          class: 'b',
          instance: 's.b',
          mode: 'exclusive',
          label: 'lock s.b',
          stack: ['op0', 'inner'],
        },
      },
    ]);
  });

  it('is plain data', () => {
    const { order } = searched(read('a', readSide('srcu', write('b', none))));
    expect(structuredClone(order)).toEqual(order);
    expect(order.map((n) => `${n.held.mode} ${n.taken.mode}`)).toEqual([
      'shared recursive',
      'shared exclusive',
      'recursive exclusive',
    ]);
  });

  it('is the same when states are sampled', () => {
    const tiny = tinyOf(write('a', write('b', none)), write('b', write('a', none)));
    const { machine } = build(tiny);
    sample(machine, randomWalk(), { runs: 1, seed: 1, maxSteps: 100 });
    expect(cyclesOf(lockOrderOf(machine))).toEqual(['a b']);
  });

  it('is only what was reached', () => {
    const never = function* (s: S): Flow {
      yield* step('wait', () => {}, { when: () => s.turn });
      yield* write('b', write('a', none))(s);
    };
    const { verdict, order } = searched(write('a', write('b', none)), never);
    expect(verdict).toBe('deadlock');
    expect(cyclesOf(order)).toEqual([]);
  });
});
