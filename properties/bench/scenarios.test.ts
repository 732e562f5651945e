import { describe, expect, it } from 'vitest';
import { huntIn } from '../../bench/scenarios/hunt.js';

describe('races among random scenarios', () => {
  it('a race is found, in the same scenario for the same seeds', async () => {
    const effort = { seeds: 2, most: 60 };
    const { seconds: _, ...first } = await huntIn('stale-check-skipped', effort);
    const { seconds: __, ...second } = await huntIn('stale-check-skipped', effort);
    expect(first).toEqual(second);
    expect(first).toMatchObject({ property: 'S1', found: 2, seeds: 2 });
    expect(first.scenarios.max).toBeLessThanOrEqual(60);
  });
});
