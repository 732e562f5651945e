import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/report/result.js';
import { gmemcheck, refused } from './run.js';

const compact = ['check', 'fault-vs-punch', '--protocol', 'P3', '--hash-compact'];

/** The odds in words, and what they are of. */
async function odds(...more: string[]): Promise<{ said: number; result: CheckResult }> {
  const [text, json] = await Promise.all([
    gmemcheck(...compact, ...more),
    gmemcheck(...compact, ...more, '--json'),
  ]);
  const [, said, states] =
    /that a state was missed has a chance of at most (\S+) \(n\^2\/2\^\(b\+1\), n=(\d+) states/.exec(
      text.out.replace(/\s+/g, ' '),
    )!;
  const [result] = JSON.parse(json.out) as [CheckResult];
  expect(Number(states)).toBe(result.states);
  return { said: Number(said), result };
}

describe('the odds that a state was missed', () => {
  it('grow with the states, whether or not the search comes to its end', async () => {
    const some = [
      await odds('--max-states', '100'),
      await odds('--max-states', '400'),
      await odds('--max-states', '1000'),
      await odds(),
    ];
    for (const { said, result } of some) {
      expect(result.missOdds).toBe(result.states ** 2 / 2 ** 65);
      expect(said).toBeGreaterThanOrEqual(result.missOdds!);
      expect(said).toBeLessThan(result.missOdds! * 1.1);
    }
    const growing = some.map(({ said }) => said);
    expect(growing).toEqual([...new Set(growing)].toSorted((a, b) => a - b));
    expect(some.map(({ result }) => result.verdict)).toEqual([
      ...Array.from({ length: 3 }, () => 'undecided'),
      'holds',
    ]);
  });

  it('grow with every bit that a signature lacks', async () => {
    const [long, short] = [await odds(), await odds('--signature-bits', '40')];
    expect(short.result.missOdds).toBe(long.result.missOdds! * 2 ** 24);
    expect(short.said).toBeGreaterThan(1e6 * long.said);
  });
});

describe('what it cannot do ends in status 2', () => {
  it.each(['random', 'pct', 'urw', 'portfolio', 'contexts'])('with --strategy %s', (name) =>
    refused([...compact, '--strategy', name], /--hash-compact is for an exhaustive search/),
  );

  it.each(['partial-order', 'chains', 'symmetry'])('with --reduce %s', (name) =>
    refused([...compact, '--reduce', name], /--hash-compact is for .* without reductions/),
  );

  it('with signatures that are too short or too long, or that nobody keeps', async () => {
    await refused([...compact, '--signature-bits', '39'], /whole number from 40 to 64/);
    await refused([...compact, '--signature-bits', '65'], /whole number from 40 to 64/);
    await refused(['check', '--signature-bits', '64'], /--signature-bits needs --hash-compact/);
  });

  it('and it is no reduction where it was asked for none', async () => {
    const { status, out } = await gmemcheck(...compact, '--reduce', 'none', '--brief');
    expect({ status, holds: out.includes('holds, hash-compact') }).toEqual({
      status: 0,
      holds: true,
    });
  });
});
