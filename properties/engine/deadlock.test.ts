import { describe, expect, it } from 'vitest';
import { again, step, test, type Flow } from '../../src/core/flow.js';
import { lock, mutex, unlock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { bool, struct } from '../../src/core/struct.js';
import { traceOf } from '../../src/core/trace.js';
import { build, explore, op, order, type Tiny } from './world.js';

const Cells = struct({ a: mutex('a'), b: mutex('b'), c: mutex('c'), flag: bool() });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;
const tinyOf = (...flows: ((s: S) => Flow)[]): Tiny<S> => ({
  state,
  programs: flows.map((flow) => (s) => [op('f', () => flow(s))]),
});
const nested = (first: 'a' | 'b' | 'c', second: 'a' | 'b' | 'c') =>
  function* (s: S): Flow {
    yield* step('before', () => {});
    yield* lock(`lock ${first}`, s[first]);
    yield* lock(`lock ${second}`, s[second]);
    yield* unlock(`unlock ${second}`, s[second]);
    yield* unlock(`unlock ${first}`, s[first]);
  };

describe('deadlock', () => {
  it('ABBA is found, by the shortest way into it', () => {
    const tiny = tinyOf(nested('a', 'b'), nested('b', 'a'));
    const result = explore(tiny);
    expect(result).toMatchObject({
      verdict: 'violated',
      footing: 'exhaustive',
      property: 'deadlock',
    });
    // Each has to come up to its first lock and take it: two steps each.
    expect(result.schedule).toHaveLength(4);
    const { run, steps } = traceOf(build(tiny).machine, result.schedule!);
    expect(run.enabled()).toEqual([]);
    expect(run.isFinished).toBe(false);
    expect(steps.map((s) => s.label).toSorted()).toEqual(['before', 'before', 'lock a', 'lock b']);
  });

  it('is not reported where everybody keeps the order', () => {
    expect(explore(tinyOf(nested('a', 'b'), nested('a', 'b'))).verdict).toBe('holds');
    expect(explore(tinyOf(nested('a', 'b'), nested('b', 'c'))).verdict).toBe('holds');
  });

  it('may take three', () => {
    const result = explore(tinyOf(nested('a', 'b'), nested('b', 'c'), nested('c', 'a')));
    expect(result.property).toBe('deadlock');
    expect(result.schedule).toHaveLength(6);
  });

  it('counts though others have finished', () => {
    const waits = (s: S): Flow => step('wait', () => {}, { when: () => s.flag });
    const result = explore(tinyOf(waits, (s) => step('other', () => void (s.flag = false))));
    expect(result.property).toBe('deadlock');
    expect(result.schedule).toEqual(order(1));
  });

  it('is found in the initial state', () => {
    const waits = (s: S): Flow => step('wait', () => {}, { when: () => s.flag });
    expect(explore(tinyOf(waits))).toMatchObject({ property: 'deadlock', schedule: [], states: 1 });
  });

  it('is not when all have finished', () => {
    expect(explore(tinyOf()).verdict).toBe('holds');
    expect(explore({ state, programs: [() => []] })).toMatchObject({
      verdict: 'holds',
      states: 1,
      transitions: 0,
    });
  });

  it('is not while somebody turns in a loop: that is for progress to say', () => {
    const spin = function* (s: S): Flow {
      if (!(yield* test('set?', () => s.flag))) yield* again();
    };
    expect(explore(tinyOf(spin))).toMatchObject({ verdict: 'holds', states: 1, transitions: 1 });
  });
});
