import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { committedTest } from '../../src/check/tests.js';
import { findProtocol } from '../../src/check/protocols.js';
import { Machine } from '../../src/core/machine.js';
import {
  planOf,
  plans,
  priorities,
  runSchedule,
  type Drawn,
  type Priorities,
} from '../../src/fastcheck/index.js';
import { ready } from '../../src/shrink/asked.js';
import { ordered } from '../engine/ordered.js';
import { build } from '../engine/world.js';
import { FIXED_SEED, seedOf } from '../model/seed.js';

const noPicks: Priorities['picks'] = [];
const plainest = { order: [0, 1, 2], changes: [], picks: noPicks };

async function raceOf(name: string, protocol: string, property: string): Promise<Machine> {
  const asked = { named: await findProtocol(protocol), property, maxStates: 1 };
  return ready(committedTest(name)!, asked).machine;
}

/** How the steps of three actors that never wait come, by priorities. */
function turns(drawn: Partial<Priorities>): string {
  const { machine } = build(ordered(['abc', 'pqr', 'xyz'], '!'));
  const { schedule } = runSchedule(machine, { ...plainest, ...drawn });
  const taken = [0, 0, 0];
  return schedule.map(({ actor }) => 'abcpqrxyz'[actor * 3 + taken[actor]!++]).join('');
}

describe('priorities', () => {
  it('go by the order, then by changes', () => {
    expect(turns({})).toBe('abcpqrxyz');
    expect(turns({ order: [2, 0, 1] })).toBe('xyzabcpqr');
    expect(turns({ order: [1] })).toBe('pqrabcxyz');
    expect(turns({ changes: [1] })).toBe('apqrxyzbc');
  });

  it('whoever falls back first need not go on first', () => {
    expect(turns({ changes: [1, 2] })).toBe('apxyzbcqr');
    expect(turns({ changes: [2, 1] })).toBe('apxyzqrbc');
  });

  it('are drawn in every order', () => {
    const drawn = fc.sample(priorities({ actors: 3 }), { seed: 1, numRuns: 200 });
    expect(new Set(drawn.map(({ order }) => order.join())).size).toBe(6);
  });
});

it('as few preemptions and changes as is asked for', () => {
  const longest = (drawn: Arbitrary<Drawn>, of: (d: Drawn) => readonly unknown[]): number =>
    Math.max(...fc.sample(drawn, { seed: 1, numRuns: 100 }).map((d) => of(d).length));
  const preemptions = (d: Drawn) => ('order' in d ? [] : d.preemptions);
  const changes = (d: Drawn) => ('order' in d ? d.changes : []);
  expect(longest(plans({ maxPreemptions: 0 }), preemptions)).toBe(0);
  expect(longest(plans({ maxPreemptions: 1 }), preemptions)).toBe(1);
  expect(longest(priorities({ depth: 2 }), changes)).toBe(1);
  expect(longest(priorities({ depth: 1, maxStep: 0 }), changes)).toBe(0);
});

/** Of each, the smallest that the race takes. */
const kinds: [string, Arbitrary<Drawn>, object][] = [
  ['plans', plans(), { preemptions: [{ step: 12, other: 0 }], picks: [] }],
  ['priorities', priorities(), { order: [0, 1, 2, 3], changes: [10], picks: [] }],
];

describe.each(kinds)('%s', (_, kind, smallest) => {
  it('run as the plans that they come to', async () => {
    const machine = await raceOf('p0-fault-vs-punch', 'P0', 'S1');
    fc.assert(
      fc.property(kind, (drawn) => {
        const { schedule, broken } = runSchedule(machine, drawn);
        const again = runSchedule(machine, planOf(machine, schedule));
        expect(again).toMatchObject({ schedule, broken });
      }),
      { numRuns: 100, seed: seedOf(1) },
    );
  });

  it('find a race, shrink to one difference, and are found again by seed and path', async () => {
    const machine = await raceOf('p0-fault-vs-punch', 'P0', 'S1');
    const property = fc.property(kind, (drawn) => runSchedule(machine, drawn).broken === undefined);
    const found = fc.check(property, { numRuns: 2000, seed: FIXED_SEED });
    expect(found.counterexample).toEqual([smallest]);
    const { seed, counterexamplePath: path } = found;
    const again = fc.check(property, { seed, path: path!, endOnFailure: true });
    expect(again.counterexample).toEqual([smallest]);
  });
});
