import { describe, expect, it } from 'vitest';
import { gmemcheck, refused } from './run.js';

interface Entry {
  readonly id: string;
  readonly verdict: string;
  readonly condition: string | null;
  readonly footing: string | null;
  readonly scope: string | null;
  readonly token: string | null;
  readonly protocols: readonly string[];
}

const json = async (...ids: string[]): Promise<Entry[]> => {
  const { status, out, err } = await gmemcheck('claims', '--json', ...ids);
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out) as Entry[];
};

describe('gmemcheck claims', () => {
  it('gives an array with a fixed set of fields, in the order of the book', async () => {
    const entries = await json('SPLIT-1', 'PRIV-5', 'PREP-1', 'PRIV-3', 'PREP-1');
    expect(entries.map((e) => e.id)).toEqual(['PREP-1', 'PRIV-3', 'PRIV-5', 'SPLIT-1']);
    const [prep1, priv3, priv5, split1] = entries;
    expect(prep1).toMatchObject({ verdict: 'confirmed', condition: null, footing: 'exhaustive' });
    expect(prep1!.protocols).toEqual([]);
    expect(priv3!.condition).toMatch(/locked/);
    expect(priv3!.protocols).toEqual(['P0s', 'P0s+slot']);
    expect(priv5!.verdict).toBe('refuted');
    expect(split1).toMatchObject({ verdict: 'confirmed', scope: expect.stringMatching(/\(tdx\)/) });
    for (const e of [prep1, priv3, priv5]) expect(e!.token).toMatch(/^gmc1-/);
  });

  it('gives the smallest counterexample, which replays', async () => {
    const [priv3] = await json('PRIV-3');
    const { status, out } = await gmemcheck('replay', priv3!.token!);
    expect(status).toBe(0);
    expect(out).toContain('<== BUG: S1');
    expect(out).toContain('22 steps');
  });

  it('draws the run of a single claim, and of several on request', async () => {
    const one = await gmemcheck('claims', 'PRIV-5');
    expect(one.out).toMatch(/^PRIV-5 {2}refuted\n/);
    expect(one.out).toContain('<== BUG: S9');
    const two = await gmemcheck('claims', 'PRIV-5', 'SPLIT-1');
    expect(two.out).not.toContain('<== BUG');
    expect(two.out).toContain('npx gmemcheck replay');
    expect(two.out).toMatch(/2 claims: 1 confirmed, 1 refuted\n$/);
    const verbose = await gmemcheck('claims', 'PRIV-5', 'SPLIT-1', '--verbose');
    expect(verbose.out).toContain('<== BUG: S9');
    for (const { out } of [one, two, verbose]) {
      expect(out).toMatch(/^[\n\x20-\x7e]*$/);
      const wide = out.split('\n').filter((line) => line.length > 75);
      expect(wide.filter((line) => !/^ *gmc1-[\w-]+$/.test(line))).toEqual([]);
    }
  });

  it('says what it rests on when a bound is hit, with status 3', async () => {
    const { status, out } = await gmemcheck('claims', 'PREP-3', '--max-states', '5');
    expect(status).toBe(3);
    expect(out).toMatch(/^PREP-3 {2}undecided\n/);
    expect(out.replace(/\s+/g, ' ')).toContain('a bound was hit');
    expect(out).toMatch(/1 claim: 1 undecided\n$/);
  });

  it('refuses what it does not know', async () => {
    await refused(['claims', 'PREP-11'], /no claim 'PREP-11'; did you mean 'PREP-1'\?/);
    await refused(['claims', 'nothing'], /no claim 'nothing'; expected one of those/);
    await refused(['claims', '--max-states', '0'], /max-states/);
    await refused(['claims', '--verbos'], /unknown option/);
  });
});
