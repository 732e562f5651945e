import { describe, expect, it } from 'vitest';
import { scenarios } from '../../models/arbitraries/index.js';
import { protocolById, protocols } from '../../models/protocols/index.js';
import { readToken } from '../../src/check/subject.js';
import { Machine } from '../../src/core/machine.js';
import { traceOf } from '../../src/core/trace.js';
import { buildWorld } from '../../models/world.js';
import { invariants } from '../../models/invariants/index.js';
import { effort } from '../effort.js';
import { expectNothing, search, type Effort } from './search.js';
import { FIXED_SEED, SEED } from './seed.js';
import { isShownByOthers, withoutKnown, withoutListed } from './shown.js';

/** Protocols that skip the stale check, or do it in vain: S1 is what is expected of them. */
const BROKEN = ['P0', 'P0+stale'];

/** What 6.16, H1 and v3 would be without this or with that: their tests say what breaks. */
const isWhatIf = (id: string): boolean => /^(?:P5-|H1[+-]|P0s\+2M)/.test(id);

/** Whoever takes one thing away at a time may be stuck before the smallest: not from here. */
const TO_THE_SMALLEST = 2;

const asked = protocols.map((p) => p.id).filter((id) => !BROKEN.includes(id) && !isWhatIf(id));

/** For all of them together: versions have most of their code in common. */
const SCENARIOS = 800;
const EFFORT: Effort = {
  seed: SEED,
  scenarios: effort(Math.ceil(SCENARIOS / asked.length)),
  schedules: 30,
};

function searchIn(id: string, seed: number) {
  const protocol = protocolById(id);
  const from = scenarios(protocol, withoutKnown(id));
  return search(from, protocol, { ...EFFORT, seed }, (found) => isShownByOthers(found, protocol));
}

/** What is broken is found long before these are drawn. */
const ENOUGH = 500;
const searchBroken = (id: string, seed: number) =>
  search(scenarios(protocolById(id), withoutListed(id)), protocolById(id), {
    ...EFFORT,
    scenarios: ENOUGH,
    seed,
  });

describe('generated scenarios under generated schedules', () => {
  it.each(asked.map((id, i) => [id, i] as const))(
    '%s: every state keeps every default invariant, and nobody is stuck',
    // Each is asked something else, or code in common would meet the same scenarios each time.
    (id, i) => expectNothing(searchIn(id, SEED + i), protocolById(id)),
  );

  it.each(BROKEN)('%s: S1 is found, and shrinks to one fault against one punch', (id) => {
    const { found, scenarios: tried } = searchBroken(id, TO_THE_SMALLEST);
    expect(found?.property, `of ${tried} scenarios`).toBe('S1');
    const { scenario, plan } = found!;
    const calls = scenario.columns.map((c) => c.calls.map((call) => call.op));
    expect(calls.toSorted()).toEqual([['fallocate'], ['read']]);
    expect([scenario.pages, scenario.faults]).toEqual([1, 0]);
    expect(plan.preemptions).toHaveLength(1);
    expect(plan.picks).toEqual([]);
  });
});

describe('a failing property', () => {
  it('says what was found: calls, diagram, seed, and a token that replays it', async () => {
    const message = messageOf(() =>
      expectNothing(searchBroken('P0', FIXED_SEED), protocolById('P0')),
    );
    expect(message).toContain(`seed: ${FIXED_SEED}`);
    expect(message).toContain('run: read 0');
    expect(message).toContain('<== BUG: S1');
    expect(message).toContain('npx gmemcheck replay');
    const { test, named, schedule } = await readToken(/gmc1-\S+/.exec(message)![0]);
    const { world } = buildWorld(test.scenario, named.protocol, invariants);
    expect(traceOf(new Machine(world), schedule).broken).toBe('S1');
  });
});

function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected a failure');
}
