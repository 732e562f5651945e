import { describe, expect, it } from 'vitest';
import { gmemcheck, litmus, refused, tempFile } from './run.js';

const FIELDS =
  'test title protocol memory verdict footing property states transitions steps preemptions ' +
  'progress token note expected lockOrder';

interface Result {
  readonly [field: string]: unknown;
}

async function results(...args: string[]): Promise<Result[]> {
  const { out, err } = await gmemcheck('check', ...args, '--json');
  expect(err).toBe('');
  return JSON.parse(out) as Result[];
}

describe('gmemcheck check', () => {
  it('takes names and files, in the order given', async () => {
    const found = await results('populate-twice', litmus(), 'fault-vs-punch');
    const names = found.map((r) => r['test']);
    expect([...new Set(names)]).toEqual(['populate-twice', 'question', 'fault-vs-punch']);
  });

  it('reads a file whatever its name ends in', async () => {
    const text = 'gmem x {} host ; read 0 ; expect P3: holds';
    expect((await results(tempFile('x.txt', text)))[0]).toMatchObject({ test: 'x', memory: 'sw' });
  });

  it('--json is one document with the documented fields and nothing else', async () => {
    for (const result of await results('close-vs-delete-slot', 'fault-vs-punch'))
      expect(Object.keys(result).toSorted()).toEqual(FIELDS.split(' ').toSorted());
    const [violated] = await results('close-vs-delete-slot', '--protocol', 'P1');
    expect(violated).toMatchObject({
      protocol: 'P1',
      verdict: 'violated',
      property: 'S10',
      progress: 'not checked',
      expected: true,
      token: expect.stringMatching(/^gmc1-[0-9a-f]{8}-/),
    });
  });

  it('takes a protocol by id or from a file', async () => {
    const variant = tempFile(
      'variant.ts',
      `import { protocol, protocolById } from 'gmemcheck';
export default protocol(protocolById('P3'), { id: 'variant', title: 'the same again', lacks: ['brk'] });
`,
    );
    const [own] = await results('fault-vs-punch', '--protocol', variant);
    const [base] = await results('fault-vs-punch', '--protocol', 'P3');
    expect(own).toEqual({ ...base, protocol: 'variant' });
  });

  it('takes another kind of memory', async () => {
    expect(await results(litmus(), '--memory', 'sw')).toMatchObject([{ memory: 'sw' }]);
  });

  it('hits --max-states: undecided, status 3', async () => {
    const { status, out } = await gmemcheck('check', litmus(), '--max-states', '10');
    expect(status).toBe(3);
    expect(out).toContain('bound hit: --max-states 10');
    expect(out).toContain('1 undecided');
  });

  it.each(['random', 'pct'])('--strategy %s: sampled, the same for the same seed', async (how) => {
    const args = ['prep-4-page-left-in-hole', '--protocol', 'P3', '--strategy', how];
    const once = await gmemcheck('check', ...args, '--runs', '300', '--seed', '7');
    const again = await gmemcheck('check', ...args, '--runs', '300', '--seed', '7');
    const other = await gmemcheck('check', ...args, '--runs', '300', '--seed', '8');
    expect(again).toEqual(once);
    expect(other.out).not.toBe(once.out);
    const held = await results(litmus(), '--strategy', how, '--runs', '25');
    expect(held).toMatchObject([{ verdict: 'holds', footing: 'sampled' }]);
    expect(held[0]!['note']).toMatch(/^25 schedules sampled/);
  });

  it('status 0 as expected, 1 not', async () => {
    expect((await gmemcheck('check', litmus())).status).toBe(0);
    const { status, out } = await gmemcheck('check', litmus('expect 6.12: violated S1'));
    expect(status).toBe(1);
    expect(out).toContain('NOT AS EXPECTED: violated S1');
    const wrong = litmus('~exists host:r0=0\nexpect 6.12: holds');
    expect((await gmemcheck('check', wrong)).status).toBe(1);
  });

  it('leaves out what a protocol cannot run only when asked for everything', async () => {
    await refused(['check', 'fault-vs-punch', '--protocol', 'P1'], /P1 has no memory kind 'snp'/);
    const all = 'check --protocol P1 --brief --max-states 20 --reduce none';
    const { status, out } = await gmemcheck(...all.split(' '));
    expect(status).not.toBe(2);
    expect(out).toContain("skipped: P1 has no memory kind 'snp'");
  });
});
