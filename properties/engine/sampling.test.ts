import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { again, step, test, type Flow } from '../../src/core/flow.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { Checker } from '../../src/explore/sampling/checker.js';
import { conclude } from '../../src/explore/sampling/conclude.js';
import { join } from '../../src/explore/sampling/drawn.js';
import { measure } from '../../src/explore/sampling/profile.js';
import { pct } from '../../src/explore/sampling/pct.js';
import { portfolio } from '../../src/explore/sampling/portfolio.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { draw, sample, Sampler } from '../../src/explore/sampling/sample.js';
import type { Profile, Strategy } from '../../src/explore/sampling/strategy.js';
import { uniformWalk } from '../../src/explore/sampling/uniform.js';
import { Draws } from './draws.js';
import { ordered } from './ordered.js';
import { machineOf, mayRecurse, programs } from './programs.js';
import { build, op, shows, type Tiny } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const Cells = struct({ x: int(0, 9), flag: int(0, 9), turn: int(0, 1) });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

const strategies: [string, () => Strategy][] = [
  ['random walk', randomWalk],
  ['URW', uniformWalk],
  ['PCT', () => pct(3)],
  ['PCT of depth 1', () => pct(1)],
  ['the portfolio', portfolio],
];

describe.each(strategies)('%s: a run depends on the seed and its number', (_, strategy) => {
  it('so it does not matter how the runs are divided, nor where they are made', () => {
    let found = 0;
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 4 });
    fc.assert(
      fc.property(programs, cuts, fc.nat(1000), (p, at, seed) => {
        fc.pre(!mayRecurse(p));
        const rest = { seed, maxSteps: 60 };
        const whole = draw(machineOf(p), strategy(), { ...rest, runs: 60 });
        const bounds = [0, ...at.toSorted((a, b) => a - b), 60];
        // One machine for the last ranges first, another for the others.
        const machines = [machineOf(p), machineOf(p)];
        const parts = bounds.slice(1).map((end, i) => ({ first: bounds[i]!, end }));
        const drawn = parts
          .toReversed()
          .map(({ first, end }, i) =>
            draw(machines[i % 2]!, strategy(), { ...rest, first, runs: end - first }),
          );
        const joined = drawn.toReversed().reduce(join);
        expect(joined).toEqual(whole);
        const sampling = { ...rest, runs: 60 };
        expect(conclude(machines[0]!, strategy(), sampling, joined)).toEqual(
          sample(machineOf(p), strategy(), sampling),
        );
        if (whole.found) found++;
        if (whole.found)
          expect(shows(machineOf(p), whole.found.property, whole.found.schedule)).toBe(true);
      }),
      { numRuns: 150, seed: seedOf(11) },
    );
    expect(found).toBeGreaterThan(enough(50));
  });

  it('and the first that breaks something is shown, whoever finds it', () => {
    const rare = () => build(ordered(['abcd', 'wxyz', 'pqrs'], 'awbxpc')).machine;
    const rest = { maxSteps: 60 };
    let late = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const whole = draw(rare(), strategy(), { ...rest, seed, runs: 200 });
      const halves = [100, 0].map((first) =>
        draw(rare(), strategy(), { ...rest, seed, first, runs: 100 }),
      );
      expect(join(halves[1]!, halves[0]!)).toEqual(whole);
      if (whole.found && whole.found.run >= 100) late++;
    }
    // Depth 5: PCT finds it while measuring, if at all.
    if (!strategy().members.every((m) => m.depth !== undefined)) expect(late).toBeGreaterThan(1);
  });
});

/** Waits for the flag by asking again and again. */
const poll = (s: S) =>
  function* (): Flow {
    if (!(yield* test('set?', () => s.flag === 9))) yield* again();
  };
const setter = (s: S) =>
  function* (): Flow {
    for (let i = 1; i <= 9; i++) yield* step('set', () => void (s.flag = i));
  };
/** Two that hand a turn to and fro until the flag is set: neither goes in circles alone. */
const handOver = (s: S, mine: number) =>
  function* (): Flow {
    const done = yield* step('turn', () => ((s.turn = 1 - mine), Number(s.flag === 9)), {
      when: () => s.turn === mine || s.flag === 9,
    });
    if (!done) yield* again();
  };
/** Changes memory in every round: never the same state twice before it wraps. */
const busy = (s: S) =>
  function* (): Flow {
    yield* step('count', () => void (s.x = (s.x + 1) % 10));
    if (!(yield* test('set?', () => s.flag === 9))) yield* again();
  };

const waiting: [string, Tiny<S>][] = [
  [
    'an actor that polls',
    { state, programs: [poll, setter].map((f) => (s: S) => [op('f', f(s))]) },
  ],
  [
    'many that poll',
    { state, programs: [poll, poll, poll, poll, setter].map((f) => (s: S) => [op('f', f(s))]) },
  ],
  [
    'one that polls below one that is blocked',
    {
      state,
      programs: [
        (s) => [op('wait', () => step('wait', () => {}, { when: () => s.flag === 9 }))],
        (s) => [op('poll', poll(s))],
        (s) => [op('set', setter(s))],
      ],
    },
  ],
  [
    'one that is busy while it polls',
    { state, programs: [busy, busy, setter].map((f) => (s: S) => [op('f', f(s))]) },
  ],
  [
    'two that keep each other going',
    {
      state,
      programs: [
        (s) => [op('a', handOver(s, 0))],
        (s) => [op('b', handOver(s, 1))],
        (s) => [op('set', setter(s))],
      ],
    },
  ],
];

describe.each(strategies)('%s does not starve anybody', (_, strategy) => {
  it.each(waiting)('for %s', (_, tiny) => {
    const result = sample(build(tiny).machine, strategy(), { runs: 400, seed: 2, maxSteps: 2000 });
    expect(result.verdict).toBe('holds');
    expect(result.note).not.toContain('cut short');
  });
});

/** Ten looks, and all of them again until somebody has moved. */
const retry = (s: S) =>
  function* (): Flow {
    for (let i = 0; i < 10; i++) yield* step(`look ${i}`, () => s.x);
    if (!(yield* test('set?', () => s.flag === 9))) yield* again();
  };

describe.each(strategies.slice(1))(
  '%s: who goes in circles lets the others go first',
  (_, strategy) => {
    it.each([1, 3])('a retry loop beside %i actors with one step each', (others) => {
      const set = (s: S) => [op('set', () => step('set', () => void (s.flag = 9)))];
      const tiny: Tiny<S> = {
        state,
        programs: [(s) => [op('retry', retry(s))], ...Array.from({ length: others }, () => set)],
      };
      const sampling = { runs: 600, seed: 3, maxSteps: 2000 };
      const members = strategy().members.filter((m) => m.name !== 'random walk');
      const { longest } = draw(build(tiny).machine, { name: '', members }, sampling);
      // Three rounds show that it circles; another may be under way when the flag is set.
      expect(longest).toBeLessThan(11 * 5 + others);
    });

    it('a poll beside an actor with many steps', () => {
      const long = (s: S) =>
        function* (): Flow {
          for (let i = 1; i < 60; i++) yield* step(`${i}`, () => void (s.x = i % 10));
          yield* step('set', () => void (s.flag = 9));
        };
      const tiny: Tiny<S> = { state, programs: [poll, long].map((f) => (s: S) => [op('f', f(s))]) };
      const members = strategy().members.filter((m) => m.name !== 'random walk');
      const sampling = { runs: 600, seed: 3, maxSteps: 2000 };
      const { longest } = draw(build(tiny).machine, { name: '', members }, sampling);
      // Two looks from one step of the other to the next, and one at the end.
      expect(longest).toBeLessThanOrEqual(60 * 3 + 1);
    });
  },
);

describe('runs that are cut short', () => {
  const forever: Tiny<S> = {
    state,
    programs: [
      (s) => [op('poll', poll(s))],
      (s) => [op('g', () => step('g', () => void (s.x = 1)))],
    ],
  };
  it.each(strategies)(
    '%s: are counted, and decide nothing if there are no others',
    (_, strategy) => {
      const result = sample(build(forever).machine, strategy(), {
        runs: 30,
        seed: 1,
        maxSteps: 40,
      });
      expect(result).toMatchObject({ verdict: 'undecided', footing: null, property: null });
      expect(result.note).toContain('longest 40 steps, 30 of them cut short after 40');
    },
  );

  it('where others came to their end, these decide, and the cut ones are named', () => {
    // Some runs meet the flag and end, the others are cut before it is set.
    const tiny: Tiny<S> = {
      state,
      programs: [poll, setter].map((f) => (s: S) => [op('f', f(s))]),
    };
    const result = sample(build(tiny).machine, randomWalk(), { runs: 50, seed: 1, maxSteps: 16 });
    expect(result).toMatchObject({ verdict: 'holds', footing: 'sampled' });
    expect(result.note).toMatch(/^50 schedules sampled .*, \d+ of them cut short after 16$/);
  });

  it('a run that ends just then is not cut', () => {
    const tiny: Tiny<S> = { state, programs: [(s) => [op('set', setter(s))]] };
    const run = (maxSteps: number) =>
      sample(build(tiny).machine, randomWalk(), { runs: 3, seed: 1, maxSteps });
    expect(run(9)).toMatchObject({ verdict: 'holds' });
    expect(run(8)).toMatchObject({ verdict: 'undecided' });
  });
});

describe('drawing that is ended before its time', () => {
  const safe: Tiny<S> = { state, programs: [(s) => [op('set', setter(s))]] };
  it('decides nothing, and says how much was drawn', () => {
    const { machine } = build(safe);
    const sampling = { runs: 1000, seed: 1, maxSteps: 50 };
    const drawn = new Sampler(machine, pct(2), sampling).draw(0, 1000, (run) => run < 300);
    expect(drawn).toMatchObject({ first: 0, runs: 300, found: undefined });
    const result = conclude(machine, pct(2), sampling, drawn);
    expect(result).toMatchObject({ verdict: 'undecided', footing: null, schedule: null });
    expect(result.covered).toMatchObject({ bound: 'interrupted' });
    expect(result.note).toMatch(/^interrupted before 700 more; 300 schedules sampled /);
  });
});

describe('the portfolio', () => {
  const rare = ordered(['abcdef', 'uvwxyz', 'pqrs'], 'abcuvwdefxyz');

  it('says whose run it was: that member alone makes the same', () => {
    const { members } = portfolio();
    const names = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const { machine } = build(rare);
      const sampling = { runs: 1000, seed, maxSteps: 500 };
      const { found } = draw(machine, portfolio(), sampling);
      if (!found || found.run < 0) continue;
      const { note } = sample(build(rare).machine, portfolio(), sampling);
      const member = members.find(({ name }) => note.endsWith(`; found by ${name}`))!;
      const draws = new Draws(machine, seed, 500);
      const profile = measure(draws.walk, portfolio(), new Checker(machine)) as Profile;
      expect(draws.make(found.run, member.chooser(profile))).toBe('bug');
      expect(draws.walk.schedule).toEqual(found.schedule);
      expect(note).toMatch(new RegExp(`^${found.run + 1} schedules sampled`));
      names.add(member.name);
    }
    expect(names.size).toBeGreaterThan(2);
  });

  it('has a member for every kind of bug', () => {
    expect(portfolio().members.map((m) => m.name)).toEqual([
      'random walk',
      'URW',
      ...[1, 2, 3, 4].map((d) => `PCT of depth ${d}`),
    ]);
  });
});
