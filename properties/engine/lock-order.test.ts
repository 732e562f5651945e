import { describe, expect, it } from 'vitest';
import { lockCycles, needsWriter } from '../../src/core/lockcycles.js';
import type { LockMode, Nesting } from '../../src/core/lockorder.js';
import {
  cycles,
  cyclesOf,
  none,
  read,
  readSide,
  searched,
  sync,
  tried,
  write,
  type Body,
} from './lock-flows.js';

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
