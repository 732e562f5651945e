import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { step, type Flow } from '../../src/core/flow.js';
import { LiveRun } from '../../src/core/live.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { machineOf, mayRecurse, programs } from './programs.js';
import { build, explore, op, order, type Tiny } from './world.js';
import { seedOf } from '../model/seed.js';

const Cells = struct({ x: int(0, 9), out: int(0, 9) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

const writer = (s: S) => [op('write', () => step('write', () => void (s.x = 5)))];
const withWriter = (flow: (s: S) => Flow): Tiny<S> => ({
  state,
  programs: [(s) => [op('f', () => flow(s))], writer],
});

/** Drives live generators along a schedule. */
function live(tiny: Tiny<S>, ...actors: number[]): LiveRun {
  const run = new LiveRun(build(tiny).machine);
  for (const decision of order(...actors)) run.take(decision);
  return run;
}

/** Carries what it read in a variable of its own instead of observing it. */
function* leaky(s: S): Flow {
  let carried = 0;
  yield* step('read', () => {
    carried = s.x;
  });
  yield* step('use', () => {
    s.out = carried;
  });
}

function* honest(s: S): Flow {
  const carried = yield* step('read', () => s.x);
  yield* step('use', () => {
    s.out = carried;
  });
}

describe('a flow that carries something its steps did not return', () => {
  it('goes unnoticed by the interned machine, which loses the bug', () => {
    const lost = explore({ ...withWriter(leaky), properties: neverFive });
    const found = explore({ ...withWriter(honest), properties: neverFive });
    expect([lost.verdict, found.verdict]).toEqual(['holds', 'violated']);
  });
  const neverFive = (s: S) => ({ 'out is not 5': () => s.out !== 5 });

  it('is caught on live generators: memory differs', () => {
    expect(() => live(withWriter(leaky), 1, 0, 0)).toThrow(/memory .* live .* interned: the flow/);
    expect(() => live(withWriter(honest), 1, 0, 0)).not.toThrow();
  });

  it('is caught where it decides which step comes next', () => {
    const flow = function* (s: S): Flow {
      let carried = 0;
      yield* step('read', () => {
        carried = s.x;
      });
      yield* step(carried === 5 ? 'five' : 'other', () => {});
    };
    expect(() => live(withWriter(flow), 1, 0, 0)).toThrow(/label five on live generators, other/);
  });

  it('is caught in a guard', () => {
    const flow = function* (s: S): Flow {
      let carried = 0;
      yield* step('read', () => {
        carried = s.x;
      });
      yield* step('wait', () => {}, { when: () => carried === 0 });
    };
    expect(() => live(withWriter(flow), 1, 0, 0)).toThrow(/guard false on live generators, true/);
  });

  it('is caught in an observation, a new one or one known from another memory', () => {
    const observing = (both: boolean) =>
      function* (s: S): Flow {
        let carried = 0;
        yield* step('read', () => {
          carried = s.x;
        });
        // With `both`, the value 5 is observed there by the interned machine as
        // well, in the memory where `out` is 1.
        yield* step('look', () => (both && s.out === 1 ? 5 : carried));
        yield* step('end', () => {});
      };
    expect(() => live(withWriter(observing(false)), 1, 0, 0)).toThrow(/observed value 5/);
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [op('f', () => observing(true)(s))],
        (s) => [op('write', () => step('write', () => void (s.x = 5)))],
        (s) => [op('mark', () => step('mark', () => void (s.out = 1)))],
      ],
    };
    const { machine } = build(tiny);
    const teach = new LiveRun(machine);
    for (const decision of order(2, 0, 0)) {
      if (decision.actor === 0) break;
      teach.take(decision);
    }
    teach.run.take({ actor: 0, option: 0 });
    teach.run.take({ actor: 0, option: 0 });
    const run = new LiveRun(machine);
    run.take({ actor: 1, option: 0 });
    run.take({ actor: 0, option: 0 });
    expect(() => run.take({ actor: 0, option: 0 })).toThrow(/local state/);
  });

  it('is caught when it is a counter shared by all generators', () => {
    let calls = 0;
    const flow = (s: S) => step('count', () => void (s.out = ++calls % 9));
    expect(() => live(withWriter(flow), 0)).toThrow(EngineError);
  });

  it('is refused on replay where it changes what the same history asks for', () => {
    let calls = 0;
    const flow = function* (): Flow {
      yield* step(`step ${calls++}`, () => {});
      yield* step('end', () => {});
    };
    expect(() => explore(withWriter(flow))).toThrow(/a flow must depend on nothing but/);
  });
});

describe('a well-behaved flow', () => {
  it('runs the same live and interned, on random schedules of random programs', () => {
    fc.assert(
      fc.property(programs, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (p, draws) => {
        fc.pre(!mayRecurse(p));
        const run = new LiveRun(machineOf(p));
        for (const draw of draws) {
          const enabled = run.run.enabled();
          if (enabled.length === 0) break;
          run.take(enabled[draw % enabled.length]!);
        }
      }),
      { numRuns: 400, seed: seedOf(11) },
    );
  });
});
