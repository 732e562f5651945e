import { describe, expect, it } from 'vitest';
import { hunt, SEEDS } from '../../bench/races/hunt.js';
import { knownRaces, raceName } from '../../bench/races/known.js';

const race = knownRaces().find((r) => raceName(r) === 'p0-fault-vs-punch@P0')!;

describe('the hunt for a known race', () => {
  it('finds it from every seed, by PCT alone, and by search', async () => {
    const hunted = await hunt(race);
    expect(hunted).toMatchObject({ property: 'S1', exhaustive: 'S1', missed: 0, others: 0 });
    expect(hunted.schedules.median).toBeLessThan(1000);
    expect(hunted.schedules.min).toBeGreaterThanOrEqual(1);
    // Of the runs that measure, the first 64 are random walks, which hardly find this race.
    expect(hunted.schedulesAsRun.median).toBeGreaterThan(64);
    expect(hunted.schedulesAsRun.median).not.toBe(hunted.schedules.median);
  });

  it('tells what was found instead', async () => {
    const hunted = await hunt({ ...race, property: 'S9' });
    expect(hunted).toMatchObject({ others: SEEDS, exhaustive: 'S1' });
  });
});
