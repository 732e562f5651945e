import { describe, expect, it } from 'vitest';
import { planOf } from '../../bench/arguments.js';
import { countOf } from '../../bench/bench.js';
import { Progress } from '../../bench/progress.js';
import { benchCases, largeCases } from '../../bench/spin/cases.js';

const plan = (...args: string[]) => planOf(args, () => {})!;

describe('what the benchmark is asked for', () => {
  it('is everything but the large cases, unless told otherwise', () => {
    const all = plan();
    expect(all.cases).toEqual(benchCases);
    expect(all.schedules).toBe(true);
    expect(all.races.length).toBeGreaterThan(40);
    expect(all.races.map((r) => r.property)).not.toContain('doomed');
    expect(plan('--large').cases).toEqual([...benchCases, ...largeCases]);
  });

  it('is what the given names begin with', () => {
    const some = plan('--case', 'slots', '--case', 'attributes-3x1-1-1x1', '--json', 'x.json');
    expect(some.cases.map((c) => c.name)).toEqual(
      benchCases.map((c) => c.name).filter((n) => /^slots|^attributes-3x1-1-1x1$/.test(n)),
    );
    expect(some).toMatchObject({ schedules: false, races: [], json: 'x.json' });
    expect(countOf(some)).toBe(some.cases.length + 1);
    expect(plan('--case', 'schedules')).toMatchObject({ cases: [], races: [], schedules: true });
    expect(plan('--case', 'p0-fault-vs-punch').races).toHaveLength(2);
  });

  it('is refused in one line where there is no such thing', () => {
    expect(() => plan('--case', 'slotz')).toThrow(/^no case 'slotz'; .*expected one/);
    expect(() => plan('--case', largeCases[0]!.name)).toThrow(/or --large for this one$/);
    expect(() => plan('--fast')).toThrow(/^unknown option '--fast'.*; see/);
    expect(() => plan('--case')).toThrow(/argument missing/);
    expect(() => plan('x')).toThrow(/too many arguments/);
    const said: string[] = [];
    expect(planOf(['--help'], (text) => said.push(text))).toBeUndefined();
    expect(
      said
        .join('')
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });
});

describe('progress', () => {
  it('is shown at a terminal only, in one line', () => {
    const said: string[] = [];
    const out = (isTTY: boolean) => ({ isTTY, write: (text: string) => said.push(text) });
    const silent = new Progress(3, out(false));
    silent.next('a');
    silent.end();
    expect(said).toEqual([]);
    const shown = new Progress(3, out(true));
    shown.next('first');
    shown.part('x'.repeat(100));
    shown.end();
    expect(said[0]).toBe('\r\x1b[K[1/3, 0 s] first');
    expect(said[1]!.length).toBe(75 + 4);
    expect(said.join('')).not.toContain('\n');
  });
});
