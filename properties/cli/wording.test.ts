import { describe, expect, it } from 'vitest';
import { goingOnLines } from '../../src/cli/going-on.js';
import { say } from '../../src/cli/say.js';
import { counted } from '../../src/explore/counted.js';
import { gmemcheck, litmus, tempFile } from './run.js';

/** A number of one with a word for many behind it. */
const MISCOUNTED = /(?<![\d.,-])1 (?!(?:is|was|holds|agrees|differs|leaves)\b)[a-z]+s\b/;

/** One vCPU that is done in a few steps, which break something or do not. */
const tiny = (more: string): string =>
  tempFile('tiny.litmus', `gmem tiny { memory=sw; } vcpu0 ; run: read 0 ;\n${more}\n`);

describe('one of a kind is not called several', () => {
  it('as a word', () => {
    expect([0, 1, 2].map((n) => counted(n, 'state'))).toEqual(['0 states', '1 state', '2 states']);
    expect(counted(1, 'holds', 'hold')).toBe('1 holds');
    expect('ran 1 schedules').toMatch(MISCOUNTED);
    expect('ran 11 schedules, 1 of them; 1 holds').not.toMatch(MISCOUNTED);
  });

  it.each([
    ['check', '--strategy', 'random', '--runs', '1'],
    ['check', '--strategy', 'pct', '--runs', '1', '--depth', '1'],
    ['check', '--strategy', 'portfolio', '--runs', '1'],
    ['check', '--max-states', '1'],
    ['check', '--max-depth', '1'],
    ['check', '--hash-compact'],
    ['check', '--hash-compact', '--max-states', '1'],
    ['check', '--strategy', 'contexts'],
    ['check', '--reduce', 'all', '--max-states', '1'],
    ['check', '--coverage'],
  ])('by %s %s %s %s %s', async (...args) => {
    for (const file of [tiny('exists attr[0]=0\nexpect 6.12: holds'), tiny('expect 6.12: holds')]) {
      const { out, err } = await gmemcheck(...args.slice(0, 1), file, ...args.slice(1));
      expect(out).toMatch(/^tiny/);
      expect(out.replace(/\s+/g, ' ')).not.toMatch(MISCOUNTED);
      expect(err).toBe('');
    }
  });

  it('with a run of one step, and when it is replayed', async () => {
    const { out } = await gmemcheck('check', tiny('never attr[0]=0\nexpect 6.12: holds'));
    expect(out).toMatch(/\b0 steps, 0 preemptions; 1 state, 0 transitions/);
    const late = await gmemcheck('check', litmus('always ~filemap[0]\nexpect 6.12: holds'));
    expect(late.out.replace(/\s+/g, ' ')).not.toMatch(MISCOUNTED);
    const [token] = /gmc1-[\w-]+/.exec(late.out)!;
    const replayed = await gmemcheck('replay', token);
    expect(replayed.out).not.toMatch(MISCOUNTED);
  });
});

describe('what a look-up gives', () => {
  it('is a slot, or its INVALID copy, in its own name', async () => {
    const { out } = await gmemcheck('check', 'prefault-vs-delete-slot', '--protocol', 'P2');
    expect(out).toContain('slot = gfn_to_memslot() /* = slot0, INVALID */');
    expect(out).not.toMatch(/slot\d{2}/);
    const valid = await gmemcheck('check', 'prep-4-page-left-in-hole', '--protocol', 'P3');
    expect(valid.out).toContain('slot = gfn_to_memslot() /* = slot0 */');
  });
});

describe('lines on stderr, and of the help', () => {
  it('fit a mail, and name paths whole', () => {
    const path = `/${'long/'.repeat(20)}folder`;
    let said = '';
    say((text) => void (said += text), `gmemcheck: ${'some words '.repeat(20)}in ${path}`);
    expect(said).toContain(` ${path}\n`);
    expect(said).toMatch(/^gmemcheck: some/);
    expect(said.split('\n').length).toBeGreaterThan(3);
    said = '';
    say((text) => void (said += text), 'some words '.repeat(20));
    expect(said.split('\n').filter((line) => line.length > 75)).toEqual([]);
    expect(said.split('\n').slice(1, -1)).toSatisfy((rest: string[]) =>
      rest.every((line) => /^ {2}\S/.test(line)),
    );
  });

  it('but for the command that goes on, which is there to be copied', () => {
    const typed = ['check', `${'long-name-'.repeat(9)}.litmus`];
    const ended = { answered: 0, tests: 1, isInterrupted: true, typed, isKept: true };
    const lines = goingOnLines({ ...ended, never: undefined, later: new Set() });
    expect(lines.at(-1)).toBe(`  npx gmemcheck ${typed.join(' ')}`);
  });

  it.each(['', 'check', 'claims', 'mutations', 'replay', 'list', 'show', 'conform'])(
    'help: %s',
    async (name) => {
      const { out } = await gmemcheck(...[name].filter(Boolean), '--help');
      expect(out).toMatch(/^Usage: gmemcheck/);
      expect(out.split('\n').filter((line) => line.length > 75)).toEqual([]);
    },
  );
});
