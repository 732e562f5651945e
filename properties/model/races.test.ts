import { describe, expect, it } from 'vitest';
import { races } from '../../models/races/index.js';
import { isAsKnown, seeRace } from '../../src/check/races/shown.js';
import { raceLines } from '../../src/check/races/text.js';
import { expectationOf } from '../../src/check/expectation.js';
import { testNamed } from './verdict.js';

describe('the corpus of known races', () => {
  it('names each once', () => {
    expect(new Set(races.map((r) => r.id)).size).toBe(races.length);
    expect(races.length).toBeGreaterThanOrEqual(20);
  });

  it.each(races)('$id: breaks before it is mended, and not after', async (race) => {
    const seen = await seeRace(race);
    expect(isAsKnown(seen), raceLines(seen).join('\n')).toBe(true);
    if ('held' in seen) return;
    const { breaks } = seen.race;
    const known = expectationOf(testNamed(breaks.test), breaks.under);
    // A mutation has no expectation of its own, and progress no shortest run.
    if (known?.steps === undefined) return;
    expect([seen.broken.steps, seen.preemptions]).toEqual([known.steps, known.preemptions]);
  });
});
