import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gmemcheck, refused, tempFile } from '../cli/run.js';

interface Answer {
  readonly litmus: string;
  readonly token: string;
  readonly minimal: string;
  readonly removed: readonly string[];
  readonly needed: readonly string[];
  readonly steps: number;
  readonly shortest: number;
  readonly preemptions: number;
  readonly executions: number;
  readonly scenarios: number;
}

async function shrunk(...args: string[]): Promise<Answer> {
  const { status, out, err } = await gmemcheck('shrink', ...args, '--json');
  expect(status, err).toBe(0);
  return JSON.parse(out) as Answer;
}

/** A fault against a punch, with much that has no part in it. */
const PADDED = `gmem padded
"With more than it takes"
{ memory=snp; pages=2; attr[0]=private; attr[1]=private; filemap[0]=3; faults=1; folios=7; }
 vcpu1          | host                        ;
 run: write 1 2 | fallocate(PUNCH_HOLE, 0, 2) ;
check S4s S4
`;

const LEAST = `gmem padded-least
"With more than it takes"
{ memory=snp; attr[0]=private; }
 vcpu0       | host                        ;
 run: read 0 | fallocate(PUNCH_HOLE, 0, 1) ;
check S4s
expect P3: violated S4s in 33 steps, 2 preemptions
`;

describe('gmemcheck shrink', () => {
  const file = (text = PADDED): string => tempFile('padded.litmus', text);

  it('takes away what is not needed, and proves that the rest is', async () => {
    const answer = await shrunk(file(), '--protocol', 'P3');
    expect(answer.litmus).toBe(LEAST);
    expect(answer.minimal).toBe('proven');
    expect(answer.removed).toContain('page 0 and gfn 0');
    expect(answer.removed).toContain('faults=1');
    expect(answer.needed).toEqual(['column host', 'column vcpu0', 'slot[0]', 'attr[0]=private']);
    expect(answer.preemptions).toBe(2);
  });

  it('comes to the same from whatever run', async () => {
    const drawn = async (seed: number): Promise<string> => {
      const args = ['--strategy', 'random', '--seed', `${seed}`, '--protocol', 'P0', '--json'];
      const { out } = await gmemcheck('check', 'p0-fault-vs-punch', ...args);
      return (JSON.parse(out) as { token: string }[])[0]!.token;
    };
    const tokens = [await drawn(1), await drawn(2)];
    expect(tokens[0]).not.toBe(tokens[1]);
    const answers = [await shrunk(tokens[0]!), await shrunk(tokens[1]!)];
    const effort = { executions: 0, scenarios: 0 };
    const [one, other] = answers.map((answer) => ({ ...answer, ...effort }));
    expect(one).toEqual(other);
    expect(one!.preemptions).toBe(1);
  });

  it('writes a file that check finds as it expects, and a token that replays', async () => {
    const output = join(dirname(file(LEAST)), 'least.litmus');
    const { status, out } = await gmemcheck('shrink', file(LEAST), '--output', output);
    expect(status).toBe(0);
    expect(readFileSync(output, 'utf8')).toBe(LEAST);
    expect((await gmemcheck('check', output)).status).toBe(0);
    expect((await gmemcheck('check', output, '--strategy', 'contexts')).status).toBe(0);
    expect(out).toContain('proven minimal');
    const token = /gmc1-\S+/.exec(out)![0];
    const replayed = await gmemcheck('replay', token, '--json');
    const { steps } = await shrunk(output);
    expect(JSON.parse(replayed.out)).toMatchObject({ property: 'S4s', preemptions: 2, steps });
  });

  it('does not guess behind its bound', async () => {
    const { status, out, err } = await gmemcheck(
      'shrink',
      'p0-fault-vs-punch',
      '--max-states',
      '200',
    );
    expect([status, out]).toEqual([3, '']);
    expect(err).toMatch(/^gmemcheck: p0-fault-vs-punch: bound hit: --max-states 200/);
  });

  it('shrinks deadlocks, and conditions with what they name', async () => {
    const deadlock = await shrunk('p0-fallocate-maps', '--protocol', 'P0');
    expect(deadlock.minimal).toBe('proven');
    const twice = PADDED.replace('check', ' run: read 1 | ;\ncheck');
    const asked = twice.replace('check S4s S4', 'exists (vcpu1:r1=-EFAULT \\/ filemap[1]=1)');
    const { litmus } = await shrunk(file(asked), '--protocol', 'P3');
    expect(litmus).toContain('exists (vcpu0:r0=-EFAULT \\/ filemap[0]=1)');
  });

  it('takes huge pages away as a whole, and what is behind them', async () => {
    const huge = `gmem huge { memory=tdx; huge=2; pages=4; gfns=5; slots=2; slot[1]=(4, 1); attr[2]=private;
      attr[3]=private; filemap[2]=5; filemap[3]=6; sept[2]=(mapped, 2M); } host ; fallocate(PUNCH_HOLE, 2, 1) ;`;
    const { litmus, removed } = await shrunk(file(huge), '--protocol', 'H0');
    expect(litmus).toMatch(/memory=tdx; huge=2; attr.*sept\[0\]=\(mapped, 2M\)/s);
    expect(removed).toContain('pages 0 to 1 and gfns 0 to 1');
  });

  it('leaves something to break', async () => {
    const given = `gmem given { memory=snp; attr[0]=private; filemap[0]=0; rmp[0]=assigned; }
      host ; KVM_SET_MEMORY_ATTRIBUTES2(0, 1, 0) ;`;
    const { litmus, steps } = await shrunk(file(given), '--protocol', 'C0');
    expect(litmus).toContain('attr[0]=private');
    expect(steps).toBeGreaterThan(10);
  });

  it('makes threads of the VMM of vCPUs that do nothing', async () => {
    const idle = `gmem idle { filemap[0]=0; } vcpu1 | vcpu0 ; memory_failure(0) | fallocate(PUNCH_HOLE, 0, 1) ;`;
    const { litmus, removed } = await shrunk(file(idle), '--protocol', 'P3');
    expect(litmus).toContain(' host              | host1                       ;');
    expect(litmus).toContain('"Nobody can move"');
    expect(removed.filter((what) => what.startsWith('the vCPU'))).toHaveLength(2);
  });

  it('refuses what does not break', async () => {
    await refused(['shrink', 'fault-vs-punch', '--protocol', '6.12'], /nothing to shrink/);
    await refused(['shrink', 'no-such-test'], /no test 'no-such-test'/);
    await refused(['shrink', 'gmc1-00000000-AAAA'], /malformed token|model/);
  });
});
