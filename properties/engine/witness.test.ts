import { describe, expect, it } from 'vitest';
import { WITNESS } from '../../src/explore/sampling/checker.js';
import { conclude } from '../../src/explore/sampling/conclude.js';
import { join } from '../../src/explore/sampling/drawn.js';
import { pct } from '../../src/explore/sampling/pct.js';
import { portfolio } from '../../src/explore/sampling/portfolio.js';
import { randomMember, randomWalk } from '../../src/explore/sampling/random.js';
import { draw, sample, Sampler } from '../../src/explore/sampling/sample.js';
import type { Strategy } from '../../src/explore/sampling/strategy.js';
import { uniformWalk } from '../../src/explore/sampling/uniform.js';
import { Draws } from './draws.js';
import { ordered, type S } from './ordered.js';
import { build, type Tiny } from './world.js';

const chooser = randomMember.chooser({ actors: 0, steps: 0, remaining: [] });

const strategies: [string, () => Strategy][] = [
  ['random walk', randomWalk],
  ['URW', uniformWalk],
  ['PCT', () => pct(4)],
  ['the portfolio', portfolio],
];

/** Few runs go through the bug. */
const rare = ordered(['abcdefgh', 'wxyz', 'pqrs'], 'gwhx');

const existing = (tiny: Tiny<S>, holds: (s: S) => boolean): Tiny<S> => ({
  ...tiny,
  condition: (s) => ({ quantifier: 'exists', holds: () => holds(s) }),
});

/** Every run is a witness, the first one too. */
const always = existing(rare, () => true);

describe.each(strategies)('%s: a witness does not end the drawing', (_, strategy) => {
  it('what is broken by a run after it is found, as where nothing was asked for', () => {
    let late = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const sampling = { seed, runs: 300, maxSteps: 60 };
      const { witness, ...drawn } = draw(build(always).machine, strategy(), sampling);
      const plain = draw(build(rare).machine, strategy(), sampling);
      expect({ ...drawn, witness: undefined }).toEqual(plain);
      if (!drawn.found || drawn.found.run < 1) continue;
      late++;
      expect(witness!.run).toBeLessThan(drawn.found.run);
      expect(sample(build(always).machine, strategy(), sampling)).toMatchObject({
        verdict: 'violated',
        property: 'bug',
        schedule: drawn.found.schedule,
      });
    }
    expect(late).toBeGreaterThan(0);
  });
});

/** Nothing is broken, and some runs are witnesses: what they went through stays seen. */
const some = existing(
  { ...ordered(['abcd', 'wxyz', 'pqrs'], 'awb'), properties: () => ({}) },
  (s) => s.seen === 3,
);

describe('a witness', () => {
  const sampling = { seed: 1, runs: 400, maxSteps: 60 };

  it('is the first run that is one, and all are made', () => {
    const { machine } = build(some);
    const drawn = draw(machine, randomWalk(), sampling);
    expect(drawn).toMatchObject({ runs: 400, found: undefined });
    const { run, schedule } = drawn.witness!;
    const result = sample(machine, randomWalk(), sampling);
    expect(result).toMatchObject({ verdict: 'holds', footing: 'sampled', schedule });
    expect(result.note).toMatch(
      new RegExp(`^400 schedules sampled .*; schedule ${run + 1} is a witness$`),
    );
    expect(draw(machine, randomWalk(), { ...sampling, runs: run }).witness).toBeUndefined();
    const alone = draw(machine, randomWalk(), { ...sampling, first: run, runs: 1 });
    expect(alone.witness).toEqual(drawn.witness);
  });

  it('may be one of the runs that measure', () => {
    const { verdict, note, schedule } = sample(build(some).machine, pct(3), sampling);
    expect(verdict).toBe('holds');
    expect(note).toMatch(/^400 schedules sampled /);
    const [, walks] = /; a witness was found while measuring, by (\d+) random walks?; /.exec(note)!;
    const draws = new Draws(build(some).machine, sampling.seed);
    const ends = Array.from({ length: Number(walks) }, (_, i) => draws.make(-1 - i, chooser));
    expect(ends.indexOf(WITNESS)).toBe(Number(walks) - 1);
    expect(draws.walk.schedule).toEqual(schedule);
  });

  it('of the portfolio has a name to it', () => {
    const drawn = draw(build(some).machine, portfolio(), sampling);
    const witness = { run: 8, schedule: [] };
    const { note } = conclude(build(some).machine, portfolio(), sampling, { ...drawn, witness });
    expect(note).toMatch(/; schedule 9, by PCT of depth 1, is a witness; a bug of depth/);
  });

  it('is the same however the runs are divided', () => {
    const whole = draw(build(some).machine, randomWalk(), sampling);
    const parts = [0, 100, 200, 300].map((first) =>
      draw(build(some).machine, randomWalk(), { ...sampling, first, runs: 100 }),
    );
    expect(parts.filter((part) => part.witness).length).toBeGreaterThan(1);
    expect(parts.reduce(join)).toEqual(whole);
  });

  it('decides nothing alone where the drawing is ended before its time', () => {
    const { machine } = build(some);
    const drawn = new Sampler(machine, randomWalk(), sampling).draw(0, 400, (run) => run < 399);
    const result = conclude(machine, randomWalk(), sampling, drawn);
    expect(result).toMatchObject({ verdict: 'undecided', footing: null, property: null });
    expect(result.note).toMatch(/^interrupted before 1 more; .*; schedule \d+ is a witness$/);
    expect(result.schedule).toEqual(drawn.witness!.schedule);
  });
});
