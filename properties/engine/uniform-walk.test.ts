import { describe, expect, it } from 'vitest';
import { step, type Flow } from '../../src/core/flow.js';
import { lock, rwlock, unlock } from '../../src/core/locks.js';
import type { Memory } from '../../src/core/memory.js';
import { int, struct } from '../../src/core/struct.js';
import { Checker } from '../../src/explore/sampling/checker.js';
import { measure } from '../../src/explore/sampling/profile.js';
import { SCALE, type Profile } from '../../src/explore/sampling/strategy.js';
import { uniformMember, uniformWalk } from '../../src/explore/sampling/uniform.js';
import { Walk } from '../../src/explore/sampling/walk.js';
import { chiSquare, Draws, limit } from './draws.js';
import { build, op, type Tiny } from './world.js';

const Cells = struct({ x: int(0, 99), lock: rwlock('l') });
const state = (memory: Memory) => Cells.place(memory, 's');
type S = ReturnType<typeof state>;

/** Actors that take so many steps each. */
function straight(...lengths: number[]): Tiny<S> {
  const programs = lengths.map((length) => (s: S) => [
    op('f', function* (): Flow {
      for (let i = 0; i < length; i++) yield* step(`${i}`, () => void (s.x = (s.x + 1) % 100));
    }),
  ]);
  return { state, programs };
}

function measured(tiny: Tiny<S>): Profile {
  const { machine } = build(tiny);
  const profile = measure(new Walk(machine, 1, 500), uniformWalk(), new Checker(machine));
  if (typeof profile === 'string') throw new Error(`broken: ${profile}`);
  return profile;
}

/** Draws on a machine of its own, measured on that very machine. */
function drawn(tiny: Tiny<S>, runs: number): Map<string, number> {
  const { machine } = build(tiny);
  const profile = measure(new Walk(machine, 1, 500), uniformWalk(), new Checker(machine));
  return new Draws(machine, 5).count(runs, uniformMember.chooser(profile as Profile));
}

/** Every order of so many steps of each actor. */
function interleavings(left: readonly number[]): string[] {
  if (left.every((n) => n === 0)) return [''];
  return left.flatMap((n, actor) =>
    n === 0
      ? []
      : interleavings(left.map((m, a) => m - Number(a === actor))).map((rest) => actor + rest),
  );
}

function shares(keys: readonly string[]): Record<string, number> {
  return Object.fromEntries(keys.map((key) => [key, 1 / keys.length]));
}

describe('URW draws every interleaving equally often', () => {
  it.each([
    [[2, 2], 6],
    [[1, 6], 7],
    [[3, 4], 35],
    [[7, 2], 36],
    [[2, 2, 2], 90],
    [[5, 5], 252],
    [[1, 2, 5], 168],
  ])('of actors with %j steps: %i of them', (lengths, count) => {
    const keys = interleavings(lengths);
    expect(keys).toHaveLength(count);
    // The seed is fixed, so the test does not flicker.
    const counts = drawn(straight(...lengths), 60 * count + 6000);
    expect(chiSquare(counts, shares(keys))).toBeLessThan(limit(count - 1));
  });

  it('whatever is blocked is not drawn: here whole sections are in one order or the other', () => {
    const section = (s: S) =>
      function* (): Flow {
        yield* lock('lock', s.lock);
        yield* step('in', () => {});
        yield* unlock('unlock', s.lock);
      };
    const tiny = { state, programs: [0, 1].map(() => (s: S) => [op('f', section(s))]) };
    const counts = drawn(tiny, 6000);
    expect(counts.size).toBe(2);
    expect(chiSquare(counts, shares(['000111', '111000']))).toBeLessThan(limit(1));
  });
});

describe('what it is measured by', () => {
  it('is exact where actors run straight on', () => {
    const { remaining, actors, steps } = measured(straight(3, 5));
    expect({ actors, steps }).toEqual({ actors: 2, steps: 8 });
    const sorted = remaining.filter((r) => r !== undefined).toSorted((a, b) => a - b);
    expect(sorted).toEqual([1, 1, 2, 2, 3, 3, 4, 5].map((n) => n * SCALE));
  });

  it('is a mean where the way splits', () => {
    // The first step sees 0 or not: then there are 4 more, or none.
    const branch = function* (s: S): Flow {
      const x = yield* step('look', () => s.x);
      if (x === 0) for (let i = 0; i < 4; i++) yield* step(`${i}`, () => {});
    };
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [op('f', () => branch(s))],
        (s) => [op('g', () => step('set', () => void (s.x = 1)))],
      ],
    };
    const start = measured(tiny).remaining[build(tiny).machine.initialNodes[0]!]!;
    expect(start).toBeGreaterThan(2 * SCALE);
    expect(start).toBeLessThan(4 * SCALE);
  });

  it('a state that was never measured has a step less than the one before', () => {
    const { machine } = build(straight(3, 1));
    const chooser = uniformMember.chooser({
      actors: 2,
      steps: 4,
      remaining: [3 * SCALE, 1 * SCALE],
    });
    const counts = new Draws(machine, 5).count(6000, chooser);
    expect(chiSquare(counts, shares(interleavings([3, 1])))).toBeLessThan(limit(3));
  });
});
