import { describe, expect, it } from 'vitest';
import { geometricMean, spread } from '../../bench/measure.js';
import type { Hunted } from '../../bench/races/hunt.js';
import { benchReport } from '../../bench/report/report.js';
import { tableLines, thousands, twoDigits } from '../../bench/report/table.js';
import type { Results } from '../../bench/results.js';
import { singleNames } from '../../bench/reductions.js';
import { benchCases, type SpinCase } from '../../bench/spin/cases.js';
import type { Compared } from '../../bench/spin/compare.js';
import { growth, ratio } from '../../bench/spin/ratios.js';
import type { SpinRun } from '../../bench/spin/spin.js';

const cost = (seconds: number) => ({ seconds, wallSeconds: 2 * seconds });

/** A comparison in which Spin takes so many seconds, and we one. */
function compared(subject: SpinCase, seconds: number, changed: Partial<SpinRun> = {}): Compared {
  const states = subject.states!;
  const transitions = subject.transitions!;
  const found = { verdict: 'holds', note: '', states, transitions };
  const run: SpinRun = {
    ...cost(seconds),
    states,
    transitions,
    errors: 0,
    elapsedSeconds: 0,
    vectorBytes: 60,
    bytes: 90 * states,
    complete: true,
    complaint: undefined,
    hashBits: 20,
  };
  return {
    subject,
    properties: ['S1', 'S9'],
    ours: {
      unreduced: { ...cost(4), ...found, memories: 1, moves: 1, bytes: 30 * states },
      reduced: [{ ...cost(1), ...found, states: states / 10 }],
      storedWithEach: singleNames.map(() => states / 2),
    },
    spin: {
      unreduced: { ...run, ...cost(2), ...changed },
      reduced: [{ ...run, states: states / 2 }],
      makingSeconds: 3.2,
    },
  };
}

const drawn = (seconds: number) => ({ ...cost(seconds), schedules: 100, steps: 9000 });

const hunted: Hunted = {
  race: 'prep-4-page-left-in-hole@6.12',
  property: 'S4s',
  exhaustiveSeconds: 0.02,
  exhaustive: 'S4s',
  schedules: spread([3, 40, 500]),
  schedulesAsRun: spread([1, 30, 60]),
  missed: 0,
  others: 0,
  pctSeconds: 0.01,
};

function results(all: readonly Compared[], changed: Partial<Results> = {}): Results {
  const round = {
    walks: drawn(0.001),
    first: drawn(0.01),
    live: drawn(0.2),
    waitIdle: drawn(1),
    waitAll: drawn(0.1),
  };
  return {
    machine: {
      processor: 'a processor',
      cores: 2,
      node: 'v20.0.0',
      platform: 'linux x64',
      load: [0.1, 1],
    },
    tools: {
      spin: { command: 'spin', version: 'Spin Version 6.5.2 -- 6 December 2019' },
      cc: { command: 'gcc', version: 'gcc (Debian 12.2.0-14) 12.2.0' },
    },
    compared: all,
    schedules: {
      test: 'two-faults-vs-two-punches',
      protocol: 'P3',
      actors: ['vcpu0', 'host'],
      properties: ['S1', 'S9'],
      sizes: { walks: 100, first: 100, live: 100, fastCheck: 100 },
      rounds: [round],
    },
    races: [hunted],
    wallSeconds: 250,
    ...changed,
  };
}

const [small, middle, big] = benchCases as [SpinCase, SpinCase, SpinCase];
const lineOf = (text: string, start: string): string =>
  text.split('\n').find((line) => line.trim().startsWith(start)) ?? '';

describe('the report of the benchmark', () => {
  it('is plain ASCII of 75 columns, targets first, with what was reached', () => {
    const text = benchReport(results(benchCases.map((c) => compared(c, 0.5))));
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text.split('\n').filter((line) => line.length > 75)).toEqual([]);
    expect(text.indexOf('Targets')).toBeLessThan(text.indexOf('Exhaustive verdict'));
    expect(lineOf(text, 'verdict:')).toMatch(/ 10 x +0\.50 x +NOT MET$/);
    expect(lineOf(text, 'unreduced: our')).toMatch(/ 1 x +0\.50 x +NOT MET$/);
    expect(lineOf(text, 'schedules/s')).toMatch(/waitIdle\(\) +200 x +1,000 x +met$/);
    expect(lineOf(text, 'random steps/s')).toMatch(/20,000,000 +9,000,000 +NOT MET$/);
    expect(lineOf(text, 'PCT d=3')).toMatch(/ 1,000 +40 +met$/);
    expect(lineOf(text, 'exhaustive search')).toMatch(/ 1 s +0\.020 s +met$/);
    for (const name of singleNames) expect(text).toContain(name);
  });

  it('means are of the cases that take Spin a tenth of a second', () => {
    const all = [compared(small, 0.09), compared(middle, 10), compared(big, 40)];
    const text = benchReport(results(all));
    expect(lineOf(text, 'verdict:')).toMatch(/mean of 2 +10 x +20 x +met$/);
    expect(lineOf(text, 'least')).toContain(middle.name);
    expect(lineOf(text, 'at 10 x the states: punch')).toMatch(/above 1 x +\d+ x +met$/);
  });

  it('has no ratio where the counts or the verdicts differ', () => {
    const differs = compared(small, 5, { states: small.states! + 1 });
    const broken = compared(middle, 5, { errors: 1 });
    expect(ratio(differs)).toBeUndefined();
    expect(ratio(broken)).toBeUndefined();
    const text = benchReport(results([differs, broken]));
    expect(lineOf(text, small.name)).toContain('counts!');
    expect(lineOf(text, middle.name)).toContain('verdict!');
    expect(lineOf(text, 'verdict: Spin')).toMatch(/ 10 x +- +unknown$/);
    expect(text).toContain('  DIFFER');
  });

  it('without Spin says what is missing and prints the rest', () => {
    const ours = { ...compared(small, 5), spin: undefined };
    const text = benchReport(results([ours], { tools: undefined }));
    expect(text).toContain('No ratios: comparing with Spin needs');
    expect(lineOf(text, small.name)).toMatch(/^ +punch\S+ +- +- +1\.00 +-/);
    expect(text).toContain('recorded');
    const failed = { ...ours, failure: './pan failed: out of luck' };
    expect(benchReport(results([failed]))).toContain(`${small.name}: ./pan failed: out of luck.`);
  });

  it('lists what was not found, and what search found otherwise', () => {
    const missed: Hunted = {
      ...hunted,
      schedules: spread([1, Infinity, Infinity]),
      exhaustive: 'S1',
    };
    const text = benchReport(results([], { races: [missed], schedules: undefined }));
    expect(lineOf(text, 'PCT d=3')).toMatch(/not found +NOT MET$/);
    expect(lineOf(text, 'exhaustive search')).toMatch(/NOT MET$/);
    expect(lineOf(text, 'prep-4')).toMatch(/> 20,000 +> 20,000 +30 +0\.010 +S1!$/);
  });
});

describe('its numbers', () => {
  it('are medians, geometric means and growth by least squares', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(geometricMean([1, 4, 16])).toBeCloseTo(4);
    const sized = (states: number, seconds: number): Compared =>
      compared({ ...small, states, transitions: 1 }, seconds);
    expect(growth([sized(1e3, 1), sized(1e4, 3), sized(1e5, 9)])).toBeCloseTo(3);
    expect(growth([sized(1e3, 4), sized(1e5, 1)])).toBeCloseTo(0.5);
  });

  it('are grouped, and have two digits that count', () => {
    expect(['0', '999', '1,000', '1,234,567']).toEqual(
      [0, 999, 1000, 1234567].map((n) => thousands(n)),
    );
    expect(thousands(1234.56, 1)).toBe('1,234.6');
    expect([0, 0.0371, 0.52, 7.34, 41, 410.4, NaN].map(twoDigits)).toEqual([
      '0',
      '0.037',
      '0.52',
      '7.3',
      '41',
      '410',
      '-',
    ]);
  });

  it('stand below one another', () => {
    const table = {
      title: 'T',
      columns: ['a', 'b'],
      rows: [
        ['x', '1'],
        ['yyy', '22'],
      ],
    };
    expect(tableLines(table)).toEqual(['T', '  a     b', '  x     1', '  yyy  22']);
  });
});
