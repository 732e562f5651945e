import { describe, expect, it } from 'vitest';
import { gmemcheck, refused } from './run.js';

const test = ['fault-vs-punch', '--protocol', 'P3'];

describe('gmemcheck check --hash-compact', () => {
  it('says what it rests on, in words and as JSON', async () => {
    const { status, out } = await gmemcheck('check', ...test, '--hash-compact');
    expect(status).toBe(0);
    expect(out).toContain('holds, hash-compact');
    expect(out.replace(/\s+/g, ' ')).toMatch(/missed has a chance of at most [\d.]+e-1\d /);
    expect(out).toContain('b=64 bits');
    expect(out).not.toContain('every state visited');
    const json = await gmemcheck('check', ...test, '--hash-compact', '--json');
    const [result] = JSON.parse(json.out);
    expect(result).toMatchObject({ footing: 'hash-compact', progress: 'not checked' });
    expect(result.missOdds).toBe(result.states ** 2 / 2 ** 65);
  });

  it('takes the length of signatures and the seed', async () => {
    const short = ['--hash-compact', '--signature-bits', '40', '--seed', '9'];
    const { out } = await gmemcheck('check', ...test, ...short);
    expect(out.replace(/\s+/g, ' ')).toContain('b=40 bits of each, seed 9');
  });

  it('finds what is broken, with a token that replays', async () => {
    const broken = ['prep-4-page-left-in-hole', '--protocol', 'P3', '--hash-compact'];
    const { out } = await gmemcheck('check', ...broken);
    expect(out).toContain('violated: S4s');
    const token = /gmc1-[\w-]+/.exec(out)![0];
    const replayed = await gmemcheck('replay', token);
    expect(replayed.status).toBe(0);
    expect(replayed.out).toContain('BUG: S4s');
  });

  it.each([
    ['--strategy', 'pct'],
    ['--strategy', 'contexts'],
    ['--reduce', 'all'],
  ])('is for an exhaustive search without reductions, not %s %s', async (...other) => {
    await refused(['check', ...test, '--hash-compact', ...other], /without reductions/);
  });

  it('refuses what makes no sense', async () => {
    const compact = ['check', ...test, '--hash-compact'];
    await refused([...compact, '--checkpoint', 'folder'], /keeps no states/);
    await refused([...compact, '--signature-bits', '39'], /from 40 to 64/);
    await refused(['check', ...test, '--signature-bits', '48'], /needs --hash-compact/);
  });
});
