import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { again, call, step, type Flow } from '../../src/core/flow.js';
import { LiveRun } from '../../src/core/live.js';
import { Machine } from '../../src/core/machine.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct, structs } from '../../src/core/struct.js';
import { traceOf } from '../../src/core/trace.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { build, explore, op, order, runOf, worldOf, type Tiny } from './world.js';

const Cells = struct({ x: int(0, 9), y: int(0, 9) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

const nop = (label: string) => step(label, () => {});

describe('a call is a frame that collapses to its return value', () => {
  // The callee reads x, which a second actor changes 0 -> 1 -> 2, and says only
  // whether it was 0; the caller then takes one step.
  const say = function* (s: S): Flow<number> {
    const seen = yield* step('read', () => s.x);
    return seen === 0 ? 0 : 1;
  };
  const inc = (s: S) =>
    step('inc', () => {
      s.x++;
    });
  const world = (reader: (s: S) => Flow): Tiny<S> => ({
    state,
    programs: [
      (s) => [op('reader', () => reader(s))],
      (s) => [
        op('writer', function* () {
          yield* inc(s);
          yield* inc(s);
        }),
      ],
    ],
  });
  const called = world(function* (s) {
    yield* call('say', () => say(s));
    yield* nop('use');
  });
  const inlined = world(function* (s) {
    yield* say(s);
    yield* nop('use');
  });

  it('dead locals of the callee do not split states', () => {
    // Writer at x = 0, 1, 2 (3 places). Reader: at 'read', or at 'use' having
    // learnt 0 or not, or done.
    // Called, at 'use' with answer 0: it read at x = 0, so x may be 0, 1, 2 now:
    // 3 states; with answer 1: x = 1 or 2: 2 states. At 'read' 3, done 3.
    expect(explore(called).states).toBe(3 + (3 + 2) + 3);
    // Inlined, the values 0, 1, 2 are part of the reader's history: with 0 three
    // states, with 1 two (x = 1, 2), with 2 one.
    expect(explore(inlined).states).toBe(3 + (3 + 2 + 1) + 3);
  });

  it('local states are as many as there are histories that matter', () => {
    // Called: read, use after 0, use after 1, done; writer: 2 steps and done.
    const count = (tiny: Tiny<S>): number => {
      const { machine } = build(tiny);
      new ExhaustiveSearch(machine, { maxStates: 100 }).run();
      return machine.automaton.nodes.length;
    };
    expect(count(called)).toBe(4 + 3);
    expect(count(inlined)).toBe(5 + 3);
  });

  it('a flow runs once per distinct local state, not once per global transition', () => {
    let runs = 0;
    const flow = function* (s: S): Flow {
      runs++;
      yield* inc(s);
      yield* inc(s);
    };
    const programs = Array.from({ length: 4 }, () => (s: S) => [op('f', flow0(s))]);
    const cache = new Map<S, () => Flow>();
    const flow0 = (s: S) => {
      if (!cache.has(s)) cache.set(s, () => flow(s));
      return cache.get(s)!;
    };
    const result = explore({ state, programs });
    expect(result.states).toBe(3 ** 4);
    // Three local states, shared by the four actors, who run the same function.
    expect(runs).toBe(3);
  });
});

describe('arguments tell frames apart by value', () => {
  it('whatever they look like in print', () => {
    const pairs = [
      [[1], ['1']],
      [[true], ['true']],
      [[undefined], ['undefined']],
      [['a, b'], ['a', 'b']],
      [[''], []],
    ] as const;
    for (const [one, two] of pairs) {
      const seen = new Set<string>();
      const callee = function* (...args: unknown[]): Flow {
        seen.add(JSON.stringify([args.length, typeof args[0], args]));
        yield* nop('s');
      } as (...args: (string | number | boolean | undefined)[]) => Flow;
      const flow = function* (): Flow {
        yield* call('callee', callee, ...one);
        yield* call('callee', callee, ...two);
      };
      explore({ state, programs: [() => [op('f', flow)]] });
      expect(seen.size, JSON.stringify([one, two])).toBe(2);
    }
  });

  it('views by their names', () => {
    const built = build({
      state: (memory: Memory) => structs(memory, 'p', 2, Cells),
      programs: [
        (s) => [
          op('f', function* () {
            for (const p of s) yield* call('set', (q: S) => step('set', () => void (q.x = 3)), p);
          }),
        ],
      ],
    });
    const { memory } = runOf(built.machine, order(0, 0));
    expect(built.machine.inspect(memory, () => built.state.map((p) => p.x))).toEqual([3, 3]);
  });
});

describe('call nesting', () => {
  const inner = (n: number) => nop(`inner ${n}`);
  const outer = function* (n: number): Flow {
    yield* nop('outer before');
    yield* call('inner', inner, n + 1);
    yield* nop('outer after');
  };
  const tiny: Tiny<S> = { state, programs: [() => [op('outer', outer, 1), op('last', inner, 7)]] };

  it('is in the trace, outermost first, with arguments', () => {
    const { steps } = traceOf(build(tiny).machine, order(0, 0, 0, 0));
    expect(steps.map((s) => s.frames.map((f) => `${f.name}(${f.args.join(',')})`))).toEqual([
      ['outer(1)'],
      ['outer(1)', 'inner(2)'],
      ['outer(1)'],
      ['last(7)'],
    ]);
    expect(steps.map((s) => [s.label, s.operation])).toEqual([
      ['outer before', 0],
      ['inner 2', 0],
      ['outer after', 0],
      ['inner 7', 1],
    ]);
    expect(steps.map((s) => s.completed.map((c) => c.operation))).toEqual([[], [], [0], [1]]);
  });

  it('may be recursive, as deep as the arguments ask', () => {
    const down = function* (n: number): Flow<number> {
      if (n === 0) return 0;
      yield* nop(`down ${n}`);
      return 1 + (yield* call('down', down, n - 1));
    };
    const deep: Tiny<S> = { state, outcomes: ['r'], programs: [() => [op('down', down, 20)]] };
    const built = build(deep);
    const { memory } = runOf(built.machine, order(...Array.from({ length: 20 }, () => 0)));
    const { ledger } = built.world;
    const r = built.machine.inspect(memory, () => ledger.memory.load(ledger.address(0, 0, 0)));
    expect(r).toBe(20);
    expect(explore(deep).states).toBe(21);
  });
});

describe('a program that goes on without ever taking a step', () => {
  it('is refused', () => {
    const spin = function* (): Flow {
      yield* again();
    };
    const recurse = function* (): Flow {
      yield* call('recurse', recurse);
    };
    const one = (flow: () => Flow) => () => build({ state, programs: [() => [op('f', flow)]] });
    expect(one(spin)).toThrow(/loops without a step/);
    expect(one(recurse)).toThrow(/recurse\(\) is called 100 deep/);
  });

  it('but an operation, or a whole program, may have none', () => {
    const none = function* (): Flow<number> {
      return 4;
    };
    const tiny: Tiny<S> = {
      state,
      outcomes: ['r'],
      programs: [() => [op('none', none), op('one', () => nop('s')), op('none', none)], () => []],
    };
    const { world } = worldOf(tiny);
    const machine = new Machine(world);
    const results = (memory: number) =>
      machine.inspect(memory, () =>
        [0, 1, 2].map((i) => world.memory.load(world.ledger.address(0, i, 0))),
      );
    expect(results(machine.initialMemory)).toEqual([4, -200, -200]);
    expect(results(runOf(machine, order(0)).memory)).toEqual([4, 0, 4]);
    expect(explore(tiny)).toMatchObject({ states: 2, transitions: 1, verdict: 'holds' });
    const live = new LiveRun(machine);
    live.take({ actor: 0, option: 0 });
    expect(live.run.isFinished).toBe(true);
  });
});

describe('a step without outcomes', () => {
  it('is refused: its actor would pass for finished', () => {
    const flow = () => step('fine', () => {});
    const empty = function* (): Flow {
      yield* flow();
      yield { kind: 'step', label: 'none', when: undefined, run: () => 0, options: [] } as never;
    };
    expect(() => explore({ state, programs: [() => [op('f', empty)]] })).toThrow(EngineError);
  });
});
