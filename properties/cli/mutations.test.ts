import { describe, expect, it } from 'vitest';
import { gmemcheck, refused } from './run.js';

describe('gmemcheck mutations', () => {
  it('says what notices a change, on which versions, and in how many steps', async () => {
    const { status, out } = await gmemcheck('mutations', 'page-not-cleared', 'range-not-reset');
    expect(status).toBe(0);
    expect(out).toMatch(/^page-not-cleared\n/);
    expect(out).toMatch(/S17 by fault-vs-punch \(snp, 1 page, 2 threads\)/);
    expect(out).toContain('changes no verdict, for');
    // What the few that were asked for do not break is not called vacuous.
    expect(out).toMatch(/are caught by\n {2}S17 +1 \(\d+\)\n$/);
    expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
  });

  it('gives tokens, which replay under the name of the changed protocol', async () => {
    const { out } = await gmemcheck('mutations', 'range-missing', '--json');
    const [first] = JSON.parse(out) as { token: string; caught: boolean; protocol: string }[];
    expect(first!.caught).toBe(true);
    const replayed = await gmemcheck('replay', first!.token);
    expect(replayed.status).toBe(0);
    expect(replayed.out).toContain(`${first!.protocol}~range-missing`);
    expect(replayed.out).toContain('<== BUG: S3');
  });

  it('refuses what it does not know', async () => {
    await refused(['mutations', 'range-missin'], /did you mean 'range-missing'\?/);
    await refused(['check', 'fault-vs-punch', '--protocol', '6.12~no'], /no protocol '6.12~no'/);
    await refused(
      ['check', 'fault-vs-punch', '--protocol', '6.1~range-missing'],
      /no protocol '6.1'/,
    );
  });
});
