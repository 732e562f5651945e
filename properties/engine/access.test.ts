import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { call, step, type Flow } from '../../src/core/flow.js';
import { lock, mutex } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { Run } from '../../src/core/run.js';
import { int, struct } from '../../src/core/struct.js';
import { build, explore, op, order, runOf, type Tiny } from './world.js';

const Cells = struct({ x: int(0, 9), y: int(0, 9), m: mutex('m') });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

const one = (flow: (s: S) => Flow<number | void>, more: Partial<Tiny<S>> = {}): Tiny<S> => ({
  state,
  programs: [(s) => [op('f', () => flow(s))]],
  ...more,
});
const harmless = (s: S) =>
  step('inc', () => {
    s.x++;
  });

describe('memory is open inside a step and nowhere else', () => {
  it('reads are refused while a flow runs between its steps', () => {
    const places: ((s: S) => Flow<number | void>)[] = [
      function* before(s) {
        const frozen = s.x;
        yield* step('use', () => void (s.y = frozen));
      },
      function* between(s) {
        yield* harmless(s);
        if (s.x === 1) yield* harmless(s);
      },
      function* asArgument(s) {
        yield* call('g', (v: number) => step(`use ${v}`, () => {}), s.x);
      },
      function* asResult(s) {
        yield* harmless(s);
        return s.x;
      },
      function* inCallee(s) {
        yield* call('g', function* () {
          yield* harmless(s);
          if (s.x > 0) yield* harmless(s);
        });
      },
      function* throughALock(s) {
        if (!s.m.isLocked) yield* lock('lock', s.m);
      },
    ];
    for (const flow of places)
      expect(() => explore(one(flow)), flow.name).toThrow(/read outside a step/);
  });

  it('writes are refused while a flow runs between its steps', () => {
    const flow = function* (s: S): Flow {
      yield* harmless(s);
      s.y = 1;
    };
    expect(() => explore(one(flow))).toThrow(/s\.y written outside a step/);
  });

  it('stays closed after a search, and after a refused one', () => {
    const fine = build(one(harmless));
    runOf(fine.machine, order(0));
    expect(() => fine.state.x).toThrow(EngineError);
    expect(() => (fine.state.x = 1)).toThrow(EngineError);
    const refused = build(one((s) => step('far', () => void (s.x = 77))));
    expect(() => runOf(refused.machine, order(0))).toThrow(EngineError);
    expect(() => refused.state.x).toThrow(EngineError);
  });

  it('a guard only reads', () => {
    const guard = (s: S) => step('wait', () => {}, { when: () => (s.x = 1) === 1 });
    expect(() => explore(one(guard))).toThrow(/s\.x written in a guard or an invariant/);
  });

  it('an invariant only reads', () => {
    const properties = (s: S) => ({ sly: () => (s.y = 0) === 0 });
    expect(() => explore(one(harmless, { properties }))).toThrow(/s\.y written in a guard or/);
  });

  it('a condition only reads', () => {
    for (const quantifier of ['exists', 'forall', 'always', 'never', 'not exists'] as const) {
      const condition = (s: S) => ({ quantifier, holds: () => (s.y = 0) === 0 });
      expect(() => explore(one(harmless, { condition }))).toThrow(/s\.y written in a guard or/);
    }
  });

  it('a step sees the memory of its own state, whatever was explored in between', () => {
    // a0 copies x to y; a1 sets x. Both orders must be told apart although the
    // search jumps from memory to memory.
    const copy = (s: S) => step('copy', () => void (s.y = s.x));
    const set = (s: S) => step('set', () => void (s.x = 5));
    const tiny = { state, programs: [copy, set].map((f) => (s: S) => [op('f', () => f(s))]) };
    const built = build(tiny);
    const y = (...actors: number[]) =>
      built.machine.inspect(runOf(built.machine, order(...actors)).memory, () => built.state.y);
    expect([y(0, 1), y(1, 0), y(0, 1), y(1, 0)]).toEqual([0, 5, 0, 5]);
  });
});

describe('who is running is known inside a step and nowhere else', () => {
  it('a flow may not ask between its steps: frames are shared by all actors', () => {
    const first = function* (s: S): Flow {
      const me = s.$memory.actor;
      yield* step('mark', () => void (s.x = me));
    };
    const later = function* (s: S): Flow {
      yield* harmless(s);
      yield* first(s);
    };
    for (const flow of [first, later])
      expect(() => explore(one(flow))).toThrow(/who is running is asked/);
  });

  it('an invariant or a condition may not ask: its truth is kept with the memory', () => {
    const properties = (s: S) => ({ mine: () => !s.m.heldByMe });
    expect(() => explore(one((s) => harmless(s), { properties }))).toThrow(
      /who is running is asked/,
    );
    const condition = (s: S) => ({ quantifier: 'never' as const, holds: () => s.m.heldByMe });
    expect(() => explore(one((s) => harmless(s), { condition }))).toThrow(
      /who is running is asked/,
    );
  });

  it('a guard and an effect see their own actor', () => {
    const mark = (s: S) =>
      step('mark', () => void (s.x += s.$memory.actor + 1), {
        when: () => s.$memory.actor === 2 || s.x > 0,
      });
    const program = (s: S) => [op('mark', () => mark(s))];
    const built = build({ state, programs: [program, program, program] });
    const x = built.machine.inspect(
      runOf(built.machine, order(2, 0, 1)).memory,
      () => built.state.x,
    );
    expect(x).toBe(6);
    expect(new Run(built.machine).enabled()).toEqual(order(2));
  });
});
