import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gmemcheck, litmus, tempFile } from '../cli/run.js';

interface Answer {
  readonly minimal: string;
  readonly litmus: string;
  readonly token: string;
  readonly removed: readonly string[];
  readonly needed: readonly string[];
  readonly others: readonly string[];
  readonly open: readonly string[];
  readonly steps: number;
  readonly shortest: number | null;
  readonly preemptions: number;
  readonly why: object | null;
}

async function shrunk(status: number, ...args: string[]): Promise<Answer> {
  const ran = await gmemcheck('shrink', ...args, '--json');
  expect(ran.status, ran.err).toBe(status);
  return JSON.parse(ran.out) as Answer;
}

/** A run that PCT draws, which is not the shortest. */
async function drawn(): Promise<string> {
  const args = ['--strategy', 'pct', '--seed', '1', '--protocol', 'P0', '--json'];
  const { out } = await gmemcheck('check', 'p0-fault-vs-punch', ...args);
  return (JSON.parse(out) as { token: string }[])[0]!.token;
}

describe('behind a bound', () => {
  it('there is what executions come to, and it says that nothing is proven', async () => {
    const token = await drawn();
    const { status, out } = await gmemcheck('shrink', token, '--max-states', '20');
    expect(status).toBe(3);
    const text = out.replace(/\s+/g, ' ');
    expect(text).toContain('1 preemption; not proven minimal: a bound was hit in search of a');
    expect(text).toMatch(/a bound was hit without column host, slot\[0\] or filemap\[0\]=0;/);
    expect(out).not.toContain('Why');
    const answer = await shrunk(3, token, '--max-states', '20');
    expect(answer).toMatchObject({ minimal: 'not proven', shortest: null, why: null });
    expect(answer.litmus).toMatch(/^expect P0: violated S1$/m);
    const replayed = await gmemcheck('replay', answer.token, '--json');
    expect(JSON.parse(replayed.out)).toMatchObject({ property: 'S1', preemptions: 1 });
    const file = tempFile('least.litmus', answer.litmus);
    expect((await gmemcheck('check', file)).status).toBe(0);
  });

  it('what is known stays known, and what is open is named', async () => {
    const file = litmus('check S4s');
    const whole = await shrunk(0, file, '--protocol', 'P3');
    const some = await shrunk(3, whole.token, '--max-states', '300');
    expect(some).toMatchObject({ minimal: 'not proven', preemptions: whole.preemptions });
    expect(some.litmus).toBe(whole.litmus.replace(/ in \d+ steps, .*/, ''));
    expect(some.open).toEqual(['attr[0]=private']);
    expect([...some.needed, ...some.open].toSorted()).toEqual(whole.needed.toSorted());
  });
});

describe('what is removed', () => {
  it('a VM, a vCPU, faults', async () => {
    const file = tempFile(
      'padded.litmus',
      `gmem padded
{ memory=snp; vms=2; gmems=2; vm1:gmem[1]=own; attr[0]=private; vm1:slot[1]=(0, 1, 1, 0); faults=2; }
 vcpu0       | vcpu1       | host                        | vm1:host     ;
 run: read 0 | run: read 0 | fallocate(PUNCH_HOLE, 0, 1) | close(gmem1) ;
check S4s
`,
    );
    const { removed, minimal } = await shrunk(0, file, '--protocol', 'P3');
    expect({ removed, minimal }).toEqual({
      removed: ['the second VM', 'column vcpu1', 'all faults'],
      minimal: 'proven',
    });
  });

  it('one VM that has a part in it is not', async () => {
    const { needed } = await shrunk(0, 'vms-prepare-vs-close', '--protocol', 'P3');
    expect(needed).toContain('the second VM');
  });

  it('an order of huge pages, and one that has a part in it is not', async () => {
    const file = tempFile(
      'padded.litmus',
      `gmem padded
{ memory=tdx; huge=2; folio=4; attr[0]=private; attr[1]=private; attr[2]=private;
  attr[3]=private; filemap[0]=5; filemap[1]=6; filemap[2]=7; filemap[3]=8;
  sept[0]=(mapped, 2M); }
 vcpu0       | host                        ;
 run: read 1 | fallocate(PUNCH_HOLE, 0, 1) ;
`,
    );
    const answer = await shrunk(0, file, '--protocol', 'H0');
    expect(answer.removed).toContain('folio=4');
    expect(answer.needed).toContain('sept[0]=(mapped, 2M)');
    expect(answer.litmus).toContain('huge=2;');
  });
});

describe('conditions', () => {
  it('stay the races that they are about', async () => {
    const { others, minimal, preemptions } = await shrunk(
      0,
      'punch-then-attribute',
      '--protocol',
      '6.12',
    );
    expect({ minimal, preemptions }).toEqual({ minimal: 'proven', preemptions: 1 });
    expect(others).toContain('column host');
  });

  it('hold where the test says that they do', async () => {
    const { others, litmus: text } = await shrunk(0, 'memory-failure-leaks', '--protocol', 'P1');
    expect(others).toEqual(['operation vcpu0:r0, after mce:r0']);
    expect(text).toContain('memory_failure(0)');
  });
});

describe('what is so of all runs together', () => {
  it.each([
    ['punch-two-pages', 'P1', 'livelock', 6],
    ['prefault-vs-delete-slot', '6.12', 'doomed', 2],
  ])('%s under %s: %s', async (test, protocol, property, depth) => {
    const output = join(dirname(litmus()), 'least.litmus');
    const args = [test, '--protocol', protocol, '--output', output];
    const { minimal, token, steps, why } = await shrunk(0, ...args);
    expect({ minimal, why }).toMatchObject({ minimal: 'proven', why: { depth, open: 0 } });
    const text = readFileSync(output, 'utf8');
    expect(text).toContain(`expect ${protocol}: violated ${property} in ${steps} steps\n`);
    expect((await gmemcheck('check', output)).status).toBe(0);
    const again = await shrunk(0, token);
    expect(again.litmus).toBe(text);
  });
});
