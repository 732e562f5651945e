import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { call, choose, step, test, type Flow, type Returned } from '../../src/core/flow.js';
import { observedValue } from '../../src/core/machine.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { traceOf } from '../../src/core/trace.js';
import { build, explore, op, order, type Tiny } from './world.js';

const Cells = struct({ x: int(0, 9), y: int(0, 9) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;
const one = (flow: (s: S) => Flow<Returned>, more: Partial<Tiny<S>> = {}): Tiny<S> => ({
  state,
  programs: [(s) => [op('f', () => flow(s))]],
  ...more,
});

describe('a step observes an integer', () => {
  const odd: [string, unknown][] = [
    ['a fraction', 0.5],
    ['NaN', NaN],
    ['infinity', Infinity],
    ['a string', '1'],
    ['an object', { x: 1 }],
    ['null', null],
    ['a bigint', 1n],
  ];
  it.each(odd)('refuses %s', (_, value) => {
    const flow = () => step('odd', () => value as number);
    expect(() => explore(one(flow))).toThrow(/only integers can be observed/);
    expect(() =>
      explore(one(() => choose('odd', [{ name: '', cost: 0 }], () => value as number))),
    ).toThrow(/only integers can be observed/);
    expect(() => observedValue(value)).toThrow(EngineError);
  });

  it('truth values and nothing observe as 1, 0 and 0', () => {
    expect([true, false, undefined, -3].map(observedValue)).toEqual([1, 0, 0, -3]);
  });

  it('a test gives its flow a truth value', () => {
    const seen: unknown[] = [];
    const flow = function* (): Flow {
      seen.push(yield* test('yes', () => true));
      seen.push(yield* test('no', () => false));
    };
    explore(one(flow));
    expect(seen.slice(-2)).toEqual([true, false]);
  });
});

describe('a function returns integers', () => {
  it.each([[0.5], [NaN], [[1, 0.5]], [['x']]])('refuses %j', (value) => {
    const flow = function* (): Flow<Returned> {
      yield* step('s', () => {});
      return value as Returned;
    };
    expect(() => explore(one(flow))).toThrow(/only integers can be returned/);
    const caller = () => call('callee', flow);
    expect(() => explore(one(caller))).toThrow(/only integers can be returned/);
  });

  it('gives the caller what was returned, not what it looks like', () => {
    const results: Returned[] = [1, [1], [1, 2], [12], true, false, undefined, [], -1];
    const seen = new Set<string>();
    const flow = function* (): Flow {
      for (const value of results) {
        const got: Returned = yield* call('callee', function* (): Flow<Returned> {
          yield* step('s', () => {});
          return value;
        });
        seen.add(JSON.stringify([value, got]));
      }
      yield* step('end', () => {});
    };
    expect(explore(one(flow)).verdict).toBe('holds');
    expect([...seen]).toEqual(results.map((r) => JSON.stringify([r, r])));
  });
});

describe('what a call returned', () => {
  it('tells the integer 1 from a list of it, in the same place', () => {
    const flow = (s: S) =>
      function* (): Flow<number> {
        const got = yield* call('callee', function* (): Flow<Returned> {
          return (yield* step('read', () => s.x)) === 0 ? 1 : [1];
        });
        yield* step('s', () => {});
        return typeof got === 'object' ? 2 : 1;
      };
    const built = build({
      state,
      outcomes: ['r'],
      programs: [
        (s: S) => [op('f', flow(s))],
        (s: S) => [op('set', () => step('set', () => void (s.x = 7)))],
      ],
    });
    const result = (...actors: number[]) =>
      traceOf(built.machine, order(...actors)).steps.at(-1)!.completed[0]!.values;
    expect([result(0, 0), result(1, 0, 0)]).toEqual([[1], [2]]);
  });
});

describe('what a trace says was observed is what was observed', () => {
  it('even where several observations lead to the same local state', () => {
    // f returns what it read; then its history is gone, and both runs stand at
    // the beginning of the second operation.
    const read = (s: S) => step('read', () => s.x);
    const set = (s: S) => step('set', () => void (s.x = 7));
    const built = build({
      state,
      outcomes: ['r'],
      programs: [
        (s: S) => [op('read', () => read(s)), op('idle', () => step('idle', () => {}))],
        (s: S) => [op('set', () => set(s))],
      ],
    });
    const early = traceOf(built.machine, order(0, 1, 0)).steps;
    const late = traceOf(built.machine, order(1, 0, 0)).steps;
    expect([early[0]!.observed, late[1]!.observed]).toEqual([0, 7]);
    expect([early[0]!.completed, late[1]!.completed]).toEqual([
      [{ operation: 0, values: [0] }],
      [{ operation: 0, values: [7] }],
    ]);
    expect(late[1]!.changes.map((c) => [c.cell.name, c.after])).toEqual([['a0:r0', 7]]);
  });
});
