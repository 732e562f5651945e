import { describe, expect, it } from 'vitest';
import { isOfProgress, replaysAsChecked, violatedTests, WAYS } from './tokens.js';

/** With GMEMCHECK_TOKENS=all each test under each protocol, which takes minutes; else every sixth. */
const isAll = process.env['GMEMCHECK_TOKENS'] === 'all';

const violated = violatedTests().filter(
  ({ test }, i, all) => isAll || all.findIndex((other) => other.test === test) === i,
);
const replayed = violated.filter((v, i) => isAll || i % 6 === 0 || isOfProgress(v));
const unsafe = violated.filter((v) => !isOfProgress(v));

/** What each way of searching is to find: one test of each property, unless it is all. */
const sought = unsafe.filter(
  ({ property }, i, all) => isAll || all.findIndex((other) => other.property === property) === i,
);

describe('a token is replayed to the diagram that was printed with it', () => {
  it.each(replayed)('$test $protocol $property, by every state', async (each) => {
    expect(await replaysAsChecked(each, ['--strategy', 'exhaustive'])).toBe(true);
  });

  it.each(WAYS.map((way) => [way.join(' '), way] as const))('%s', async (_, way) => {
    const found: boolean[] = [];
    for (const each of sought) found.push(await replaysAsChecked(each, way));
    // Drawn schedules miss one or the other; a search of states does not.
    const missed = found.filter((is) => !is).length;
    expect(missed).toBeLessThan(way.includes('--runs') ? found.length / 2 : 1);
  });

  it('violations of progress are among them, with their loops', () => {
    expect(new Set(violated.map((v) => v.property))).toContain('livelock');
    expect(violated.length - unsafe.length).toBeGreaterThan(1);
  });
});
