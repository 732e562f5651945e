import { describe, expect, it } from 'vitest';
import { again, choose, step, test, type Flow } from '../../src/core/flow.js';
import type { Drawn } from '../../src/explore/sampling/drawn.js';
import { missed, oddsText } from '../../src/explore/sampling/odds.js';
import { PctChooser, pct } from '../../src/explore/sampling/pct.js';
import { portfolio } from '../../src/explore/sampling/portfolio.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import { Draws } from './draws.js';
import { ordered, type S } from './ordered.js';
import { build, op, type Tiny } from './world.js';

function drawn(runs: number, actors: number, steps: number, more: Partial<Drawn> = {}): Drawn {
  const measured = { actors, steps };
  const reserved = { beyond: 0, spun: 0, chosen: 0 };
  const counts = { first: 0, runs, transitions: 0, longest: 0, cut: 0 };
  return { ...counts, measured, reserved, witness: undefined, found: undefined, ...more };
}

describe('the chance of having missed a bug', () => {
  it('is that of missing it in every run', () => {
    expect(missed(1, 2, 10, 1)).toBeCloseTo(1 / 2, 10);
    expect(missed(3, 4, 10, 1)).toBeCloseTo((3 / 4) ** 3, 10);
    expect(missed(100, 3, 5, 3)).toBeCloseTo((1 - 1 / 75) ** 100, 10);
    expect(missed(0, 1, 1, 1)).toBe(1);
    expect(missed(5, 1, 1, 1)).toBe(0);
  });

  // Runs of a fixed k, not of one that grows: the theorem is about those.
  it.each([
    [ordered(['ab', 'x'], 'axb'), 2, 2, 3, 8],
    [ordered(['ab', 'xy'], 'axby'), 3, 2, 4, 30],
    [ordered(['abc', 'x', 'y'], 'xa'), 1, 3, 5, 4],
    // A bug of lower depth than asked for.
    [ordered(['ab', 'x'], 'axb'), 4, 2, 3, 60],
    [ordered(['abc', 'x', 'y'], 'xa'), 3, 3, 5, 60],
  ])('bounds what batches of runs really miss', (tiny, depth, n, k, runs) => {
    const draws = new Draws(build(tiny).machine, 3);
    const chooser = new PctChooser(depth, k);
    let misses = 0;
    const BATCHES = 1500;
    for (let batch = 0; batch < BATCHES; batch++) {
      let hit = false;
      for (let i = 0; i < runs && !hit; i++)
        hit = draws.make(batch * runs + i, chooser) !== undefined;
      if (!hit) misses++;
    }
    const bound = missed(runs, n, k, depth);
    const deviation = Math.sqrt((bound * (1 - bound)) / BATCHES);
    expect(misses / BATCHES).toBeLessThan(bound + 3 * deviation);
  });
});

describe('its words', () => {
  it('name n and k, and the number never below the bound', () => {
    const text = oddsText(pct(3), drawn(10_000, 4, 51));
    expect(text).toBe(
      '; a bug of depth 3 or less is missed with probability at most 0.39 (n=4 actors, k=51 steps)',
    );
    expect(missed(10_000, 4, 51, 3)).toBeLessThan(0.39);
    expect(missed(10_000, 4, 51, 3)).toBeGreaterThan(0.38);
    const shown = (runs: number) => /at most (\S+)/.exec(oddsText(pct(2), drawn(runs, 3, 20)))![1]!;
    for (const runs of [1, 2, 10, 60, 100, 200, 300, 500, 1000, 5000, 1e6]) {
      expect(Number(shown(runs))).toBeGreaterThanOrEqual(missed(runs, 3, 20, 2));
      expect(shown(runs)).toMatch(/^(0\.\d{2,5}|1e-\d+|1)$/);
    }
    expect(shown(1)).toBe('0.99');
  });

  it('the portfolio has one number for each depth, and counts deeper members in', () => {
    const text = oddsText(portfolio(), drawn(600, 2, 5));
    const [one, two, three, four] = [1, 2, 3, 4].map((d) => missed(100, 2, 5, d));
    expect(text).toContain('a bug of depth 1, 2, 3 and 4 is missed with probability at most 1e-');
    const numbers = /at most (.*) \(/
      .exec(text)![1]!
      .split(/, | and /)
      .map(Number);
    const exact = [one! * two! * three! * four!, two! * three! * four!, three! * four!, four!];
    exact.forEach((p, i) => expect(numbers[i]).toBeGreaterThanOrEqual(p));
    exact.forEach((p, i) => expect(numbers[i]).toBeLessThan(10 * p + 0.01));
    // Of each six runs the last two are those of depth 3 and 4.
    expect(oddsText(portfolio(), drawn(4, 2, 5))).toContain(', 1 and 1 (');
    expect(oddsText(portfolio(), drawn(1, 2, 5, { first: 5 }))).toMatch(/0.99[67] and 0.99[67] \(/);
  });

  it('say nothing of strategies without a bound', () => {
    expect(oddsText(randomWalk(), drawn(9, 2, 5, { measured: undefined }))).toBe('');
  });

  it('say when the bound does not apply', () => {
    const reserved = { beyond: 1, spun: 2, chosen: 3 };
    expect(oddsText(pct(3), drawn(10, 4, 51, { reserved }))).toMatch(
      /; not for bugs that need turns after step 51, which 1 run went beyond, or actors that wait in a loop, as in 2 runs, or outcomes that must be drawn right, as in 3 runs$/,
    );
  });
});

describe('a verdict of PCT', () => {
  const note = (tiny: Tiny<S>, runs = 50) =>
    sample(build(tiny).machine, pct(2), { runs, seed: 1, maxSteps: 100 }).note;
  const safe = ordered(['abc', 'xy'], 'zzz');

  it('has the bound for the measured n and k, fixed before the runs that count', () => {
    expect(note(safe)).toMatch(
      /longest 5 steps; a bug of depth 2 or less is missed with probability at most 0\.006 \(n=2 actors, k=5 steps\)$/,
    );
    expect(note(safe, 1)).toContain('at most 0.90 (n=2 actors, k=5 steps)');
  });

  it('has none where something was found', () => {
    const broken = sample(build(ordered(['ab', 'x'], 'axb')).machine, pct(2), {
      runs: 50,
      seed: 1,
      maxSteps: 100,
    });
    expect(broken.verdict).toBe('violated');
    expect(broken.note).not.toContain('missed');
  });

  it('notices spinning, drawn outcomes, and runs that are longer than any measured', () => {
    const poll = (s: S) =>
      function* (): Flow {
        if (!(yield* test('set?', () => s.flag === 1))) yield* again();
      };
    const spins: Tiny<S> = {
      ...safe,
      programs: [
        (s) => [op('poll', poll(s))],
        (s) => [op('set', () => step('set', () => void (s.flag = 1)))],
      ],
    };
    expect(note(spins)).toMatch(/actors that wait in a loop, as in \d+ runs/);
    const draws: Tiny<S> = {
      ...safe,
      programs: [
        ...safe.programs,
        () => [
          op('c', () =>
            choose(
              'c',
              [0, 0].map((cost) => ({ name: '', cost })),
            ),
          ),
        ],
      ],
    };
    expect(note(draws)).toMatch(/outcomes that must be drawn right, as in 50 runs/);
    // One outcome in a thousand leads a long way.
    const outcomes = Array.from({ length: 1000 }, (_, i) => ({ name: `${i}`, cost: 0 }));
    const long = function* (): Flow {
      if ((yield* choose('c', outcomes)) === 0)
        for (let i = 0; i < 20; i++) yield* step('far', () => {});
    };
    const rare: Tiny<S> = { ...safe, programs: [() => [op('long', long)]] };
    expect(note(rare, 5000)).toMatch(/turns after step 1, which \d+ runs? went beyond/);
  });
});
