import { describe, expect, it } from 'vitest';
import { call, step, type Flow } from '../../src/core/flow.js';
import { lockOrderOf } from '../../src/core/lockorder.js';
import { lock, unlock } from '../../src/core/locks.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import { cyclesOf, none, read, readSide, searched, tinyOf, write, type S } from './lock-flows.js';
import { build } from './world.js';

describe('what is recorded of locks', () => {
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
