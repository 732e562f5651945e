import { describe, expect, it } from 'vitest';
import { call, step, test, type Flow, type FlowFunction } from '../../src/core/flow.js';
import {
  lock,
  lockShared,
  mutex,
  rwlock,
  tryLock,
  unlock,
  unlockShared,
} from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import type { Resource } from '../../src/core/resources.js';
import { seqcount } from '../../src/core/seqcount.js';
import { int, struct } from '../../src/core/struct.js';
import { srcu, srcuReadLock } from '../../src/core/srcu.js';
import { traceOf } from '../../src/core/trace.js';
import { build, explore, op, order, type Tiny } from './world.js';

const Cells = struct({
  m: mutex('big lock'),
  rw: rwlock('rw lock'),
  srcu: srcu('the srcu'),
  seq: seqcount('snapshot'),
  x: int(0, 9),
});
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

/** A function with its declaration of what it may leave behind. */
function leaving<F extends (...args: never[]) => unknown>(leaves: string[], fn: F): F {
  return Object.assign(fn, { leaves }) as F & FlowFunction;
}
const one = (flow: (s: S) => Flow, more: ((s: S) => Flow)[] = []): Tiny<S> => ({
  state,
  programs: [(s) => [flow, ...more].map((f) => op(f.name, bound(f, s)))],
});
/** Binding loses the declaration, which belongs to the function. */
function bound(f: (s: S) => Flow, s: S): () => Flow {
  const leaves = (f as unknown as FlowFunction).leaves;
  return leaving(leaves ? [...leaves] : [], () => f(s));
}

describe('what a function still holds when it returns', () => {
  const takers: [string, string, (s: S) => Flow][] = [
    ['a mutex', 'big lock', (s) => lock('lock', s.m)],
    ['a shared lock', 'rw lock', (s) => lockShared('lock', s.rw)],
    ['a read-side section', 'the srcu', (s) => srcuReadLock('enter', s.srcu)],
    ['a reference', 'ref', (s) => step('get', () => {}, { acquires: [reference(s)] })],
  ];
  const reference = (s: S): Resource => ({ class: 'ref', instance: s.$name, mode: 'reference' });

  it.each(takers)('%s is refused unless declared', (_, name, take) => {
    const callee = (s: S) =>
      function* (): Flow {
        yield* take(s);
      };
    const calling = (declared: string[]) =>
      leaving([name], function* caller(s: S): Flow {
        yield* call('callee', leaving(declared, callee(s)));
        yield* step('go on', () => {});
      });
    expect(() => explore(one(calling([])))).toThrow(
      new RegExp(`callee ends holding s.* \\(${name}\\), which it does not declare`),
    );
    expect(() => explore(one(calling(['something else'])))).toThrow(/does not declare/);
    expect(explore(one(calling([name]))).verdict).toBe('holds');
  });

  it('an operation is a function too', () => {
    const take = function* take(s: S): Flow {
      yield* lock('lock', s.m);
    };
    expect(() => explore(one(take))).toThrow(/take ends holding s\.m \(big lock\)/);
  });

  it('a caller that goes on holding it has to declare it in turn', () => {
    const take = (s: S) => leaving(['big lock'], () => lock('lock', s.m));
    const caller = function* caller(s: S): Flow {
      yield* call('take', take(s));
    };
    expect(() => explore(one(caller))).toThrow(/caller ends holding/);
  });

  it("the caller's own locks are not the callee's business", () => {
    const caller = function* caller(s: S): Flow {
      yield* lock('lock', s.m);
      yield* call('callee', () => step('s', () => {}));
      yield* unlock('unlock', s.m);
    };
    expect(explore(one(caller)).verdict).toBe('holds');
  });

  it("giving up the caller's lock is refused unless declared", () => {
    const drop = (s: S) => () => unlock('unlock', s.m);
    const caller = (declared: string[]) =>
      function* caller(s: S): Flow {
        yield* lock('lock', s.m);
        yield* call('drop', leaving(declared, drop(s)));
      };
    expect(() => explore(one(caller([])))).toThrow(/drop gives up s\.m \(big lock\) of its caller/);
    expect(explore(one(caller(['big lock']))).verdict).toBe('holds');
  });

  it('trading it for another mode is giving it up', () => {
    const trade = function* (s: S): Flow {
      yield* unlockShared('unlock', s.rw);
      yield* lock('lock', s.rw);
    };
    const caller = (declared: string[]) =>
      function* caller(s: S): Flow {
        yield* lockShared('lock', s.rw);
        yield* call(
          'trade',
          leaving(declared, () => trade(s)),
        );
        yield* unlock('unlock', s.rw);
      };
    expect(() => explore(one(caller([])))).toThrow(/undeclared|does not declare/);
    expect(explore(one(caller(['rw lock']))).verdict).toBe('holds');
  });

  it('a later operation may give up what an earlier one declared to leave', () => {
    const take = leaving(['big lock'], function* take(s: S): Flow {
      yield* lock('lock', s.m);
    });
    const drop = (declared: string[]) =>
      leaving(declared, function* drop(s: S): Flow {
        yield* unlock('unlock', s.m);
      });
    const between = (): Flow => step('between', () => {});
    expect(explore(one(take, [between, drop(['big lock'])])).verdict).toBe('holds');
    expect(() => explore(one(take, [between, drop([])]))).toThrow(/drop gives up/);
  });

  it('what was never held cannot be released', () => {
    const flow = function* f(s: S): Flow {
      yield* step('put', () => {}, { releases: [reference(s)] });
    };
    expect(() => explore(one(flow))).toThrow(/releases s \(reference\) without holding it/);
  });

  it('a failed trylock holds nothing', () => {
    const flow = function* f(s: S): Flow {
      if (yield* tryLock('trylock', s.m)) yield* unlock('unlock', s.m);
    };
    const tiny: Tiny<S> = {
      ...one(flow),
      programs: [0, 1].map(() => (s) => [op('f', () => flow(s))]),
    };
    expect(explore(tiny).verdict).toBe('holds');
    const { steps } = traceOf(build(tiny).machine, order(0, 1, 0));
    expect(
      steps.map((s) => [s.actor, s.acquired.length, s.released.length, s.held.length]),
    ).toEqual([
      [0, 1, 0, 1],
      [1, 0, 0, 0],
      [0, 0, 1, 0],
    ]);
  });

  it('what a step acquires may depend on what it observed', () => {
    const flow = (give: boolean) =>
      function* f(s: S): Flow {
        const ref = reference(s);
        const got = yield* test('get unless zero', () => s.x === 0, {
          acquires: (observed) => (observed ? [ref] : []),
        });
        if (got && give) yield* step('put', () => {}, { releases: [ref] });
      };
    expect(explore(one(flow(true))).verdict).toBe('holds');
    expect(() => explore(one(flow(false)))).toThrow(/ends holding/);
  });
});

describe('a snapshot is a local variable: it dies with its frame', () => {
  const take = (s: S) => step('snapshot', () => s.seq.snapshot(), { acquires: [s.seq.resource()] });
  const callee = (s: S) =>
    function* (): Flow {
      yield* take(s);
      yield* step('last', () => {});
    };
  const live = (s: S) => s.seq.isLive(0);

  it('without being declared, and its register is cleared', () => {
    const built = build(
      one(function* caller(s) {
        yield* call('callee', callee(s));
        yield* step('after', () => {});
      }),
    );
    const { machine, state } = built;
    const seen = traceOf(machine, order(0, 0, 0)).steps;
    expect(seen.map((s) => s.held.length)).toEqual([1, 0, 0]);
    const alive = [0, 1, 2, 3].map((n) => {
      const { run } = traceOf(machine, order(...Array.from({ length: n }, () => 0)));
      return machine.inspect(run.memory, () => live(state));
    });
    // It is gone with the very step that ends its frame.
    expect(alive).toEqual([false, true, false, false]);
  });

  it('so that states after it do not remember whether it was stale', () => {
    // a1 advances before, while or after a0 holds the snapshot; a0 has 3 places
    // left after that, and nothing tells them apart any more.
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [
          op('caller', function* () {
            yield* call('callee', callee(s));
            yield* step('after', () => {});
          }),
        ],
        (s) => [op('advance', () => step('advance', () => s.seq.advance()))],
      ],
    };
    // a0 at 'snapshot', 'after' or done: 2 states each (a1 done or not). At
    // 'last': a1 not done; done before the snapshot (equal); done after (changed).
    expect(explore(tiny).states).toBe(2 * 3 + 3);
  });

  it('unless the function declares to leave it to its caller', () => {
    const keeping = one(function* caller(s) {
      yield* call(
        'take',
        leaving(['snapshot'], () => take(s)),
      );
      yield* test('changed', () => s.seq.changed);
    });
    const losing = one(function* caller(s) {
      yield* call('take', () => take(s));
      yield* test('changed', () => s.seq.changed);
    });
    expect(explore(keeping).verdict).toBe('holds');
    expect(() => explore(losing)).toThrow(/compared without a snapshot/);
  });
});
