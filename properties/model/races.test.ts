import { describe, expect, it } from 'vitest';
import { races } from '../../models/races/index.js';
import { ASKED_OF_ALL_RUNS, type Known } from '../../models/races/race.js';
import { isAsKnown, seeRace } from '../../src/check/races/shown.js';
import { raceLines } from '../../src/check/races/text.js';
import { expectationOf } from '../../src/check/expectation.js';
import { committedTests } from '../../src/check/tests.js';
import { testNamed } from './verdict.js';

/** No race was ever given these. */
const UNUSED = [14, 16, 23, 26, 27, 29, 36, 38, 41, 42, 47, 48];

describe('the corpus of known races', () => {
  it('names each once', () => {
    expect(new Set(races.map((r) => r.id)).size).toBe(races.length);
    expect(races.length).toBeGreaterThanOrEqual(20);
  });

  it('has every number that there is', () => {
    for (const { number } of races) expect(number).toMatch(/^R\d{2}$/);
    const given = new Set(races.map((r) => Number(r.number.slice(1))));
    const all = Array.from({ length: Math.max(...given) }, (_, i) => i + 1);
    expect(all.filter((n) => !given.has(n))).toEqual(UNUSED);
  });

  // README.md says so.
  it('has the only way in which merged versions map what is not in the filemap', () => {
    const merged = ['P1', 'P1a', 'P2', 'P3', 'P3z', '6.12', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9'];
    const broken = committedTests()
      .filter((test) => !test.scenario.changes?.length)
      .filter((test) => merged.some((id) => expectationOf(test, id)?.property?.text === 'S1'));
    expect(broken.map((test) => test.name)).toEqual(['conv-tdx-punch-shared']);
    const race = races.find((r) => r.number === 'R77')!;
    expect(race.kind === 'race' && race.breaks.test).toBe('conv-tdx-punch-shared');
  });

  it('says of each what a run of it takes', () => {
    const silent = races.filter((r) => r.kind === 'race' && !fewestOf(r)).map((r) => r.id);
    expect(silent).toEqual([]);
  });

  it.each(races)('$id: breaks before it is mended, and not after', async (race) => {
    const seen = await seeRace(race);
    expect(isAsKnown(seen), raceLines(seen).join('\n')).toBe(true);
    if ('held' in seen) return;
    const fewest = fewestOf(seen.race);
    if (fewest === ASKED_OF_ALL_RUNS) expect(seen.preemptions).toBeNull();
    else expect({ steps: seen.broken.steps, preemptions: seen.preemptions }).toEqual(fewest);
  });
});

/** From its entry, or from the test's own line. */
function fewestOf({ breaks }: Known): Known['breaks']['fewest'] {
  if (breaks.fewest) return breaks.fewest;
  const { steps, preemptions } = expectationOf(testNamed(breaks.test), breaks.under) ?? {};
  return steps === undefined || preemptions === undefined ? undefined : { steps, preemptions };
}
