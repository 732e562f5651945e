import { describe, expect, it } from 'vitest';
import { step, type Flow } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { srcu, srcuReadLock, srcuReadUnlock, synchronize } from '../../src/core/srcu.js';
import { bool, int, struct } from '../../src/core/struct.js';
import { build, explore, op, order, runOf, type Tiny } from './world.js';

const Cells = struct({ srcu: srcu('srcu'), slot: int(0, 1), freed: bool(), used: bool() });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;
const tinyOf = (...flows: ((s: S) => Flow)[]): Tiny<S> => ({
  state,
  programs: flows.map((flow) => (s) => [op(flow.name, () => flow(s))]),
});
const movable = (tiny: Tiny<S>, ...actors: number[]): number[] =>
  runOf(build(tiny).machine, order(...actors))
    .enabled()
    .map((d) => d.actor);

function* reader(s: S): Flow {
  yield* srcuReadLock('enter', s.srcu);
  yield* srcuReadUnlock('leave', s.srcu);
}
function* readTwice(s: S): Flow {
  yield* reader(s);
  yield* reader(s);
}
const sync = (s: S): Flow => synchronize('synchronize', s.srcu);

describe('synchronize', () => {
  it('waits for readers inside when it began', () => {
    const tiny = tinyOf(sync, reader, reader);
    expect(movable(tiny, 1, 0)).toEqual([1, 2]);
    expect(movable(tiny, 1, 2, 0)).toEqual([1, 2]);
    expect(movable(tiny, 1, 2, 0, 1)).toEqual([2]);
    expect(movable(tiny, 1, 2, 0, 1, 2)).toEqual([0]);
  });

  it('does not wait for readers that came later', () => {
    const tiny = tinyOf(sync, reader, reader);
    expect(movable(tiny, 0, 1)).toEqual([0, 1, 2]);
    expect(movable(tiny, 1, 0, 2, 1)).toEqual([0, 2]);
  });

  it('does not wait for a reader that left and came back', () => {
    expect(movable(tinyOf(sync, readTwice), 1, 0, 1, 1)).toEqual([0, 1]);
  });

  it('does not wait for readers that had left', () => {
    expect(movable(tinyOf(sync, reader), 1, 1, 0)).toEqual([0]);
  });

  it('several may wait at once, each for its own readers', () => {
    const tiny = tinyOf(sync, sync, reader, reader);
    // 2 enters, 0 begins, 3 enters, 1 begins: 0 waits for 2, 1 for both.
    const began = [2, 0, 3, 1];
    expect(movable(tiny, ...began)).toEqual([2, 3]);
    expect(movable(tiny, ...began, 2)).toEqual([0, 3]);
    expect(movable(tiny, ...began, 3)).toEqual([2]);
    expect(movable(tiny, ...began, 2, 3)).toEqual([0, 1]);
  });

  it('readers never wait', () => {
    expect(movable(tinyOf(sync, sync, reader), 0, 1)).toEqual([0, 1, 2]);
  });

  it('inside a read-side section it waits for ever', () => {
    const flow = function* self(s: S): Flow {
      yield* srcuReadLock('enter', s.srcu);
      yield* sync(s);
      yield* srcuReadUnlock('leave', s.srcu);
    };
    expect(explore(tinyOf(flow))).toMatchObject({ property: 'deadlock' });
  });
});

describe('a grace period', () => {
  // A reader looks the slot up and uses it; an updater unlinks and frees.
  function* user(s: S): Flow {
    yield* srcuReadLock('enter', s.srcu);
    const slot = yield* step('look up', () => s.slot);
    if (slot === 1) yield* step('use', () => void (s.used = true));
    yield* step('done', () => void (s.used = false));
    yield* srcuReadUnlock('leave', s.srcu);
  }
  const updater = (waits: boolean) =>
    function* updater(s: S): Flow {
      yield* step('unlink', () => void (s.slot = 0));
      if (waits) yield* sync(s);
      yield* step('free', () => void (s.freed = true));
    };
  const link = function* link(s: S): Flow {
    yield* step('link', () => void (s.slot = 1));
  };
  const world = (waits: boolean): Tiny<S> => ({
    state,
    programs: [
      (s) => [op('user', () => user(s))],
      (s) => [op('link', () => link(s)), op('update', () => updater(waits)(s))],
    ],
    properties: (s) => ({ 'no use after free': () => !(s.used && s.freed) }),
  });
  it('protects a reader, and is needed', () => {
    expect(explore(world(true)).verdict).toBe('holds');
    expect(explore(world(false)).property).toBe('no use after free');
  });
});

describe('a read-side section', () => {
  it('is not entered twice, nor left without', () => {
    const twice = function* f(s: S): Flow {
      yield* srcuReadLock('enter', s.srcu);
      yield* srcuReadLock('enter', s.srcu);
    };
    const without = (s: S): Flow => srcuReadUnlock('leave', s.srcu);
    expect(() => explore(tinyOf(twice))).toThrow(/already inside/);
    expect(() => explore(tinyOf(without))).toThrow(/not inside/);
  });

  it('leaves nothing behind: memory is as it was', () => {
    const { machine } = build(tinyOf(sync, reader));
    for (const schedule of [order(1, 0, 1, 0), order(0, 0, 1, 1), order(0, 1, 0, 1)])
      expect(runOf(machine, schedule).memory).toBe(machine.initialMemory);
  });
});
