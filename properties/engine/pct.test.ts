import { describe, expect, it } from 'vitest';
import { choose, step, type Flow } from '../../src/core/flow.js';
import { PctChooser, pct } from '../../src/explore/sampling/pct.js';
import { randomWalk } from '../../src/explore/sampling/random.js';
import { sample } from '../../src/explore/sampling/sample.js';
import { Draws } from './draws.js';
import { ordered, state, type S } from './ordered.js';
import { build, op, type Tiny } from './world.js';

const RUNS = 6000;

/** How often runs of PCT reach the bug. */
function rate(tiny: Tiny<S>, depth: number, k: number): number {
  const draws = new Draws(build(tiny).machine, 17);
  const chooser = new PctChooser(depth, k);
  let hits = 0;
  for (let i = 0; i < RUNS; i++) if (draws.make(i, chooser) !== undefined) hits++;
  return hits / RUNS;
}

describe('PCT finds a bug of depth d with its guaranteed probability', () => {
  const cases: [string, number, Tiny<S>, number, number][] = [
    // One order between two actors suffices.
    ['an order violation', 1, ordered(['abc', 'x', 'y'], 'xa'), 3, 5],
    // Something between two steps of an actor.
    ['an atomicity violation', 2, ordered(['ab', 'x'], 'axb'), 2, 3],
    ['an atomicity violation among others', 2, ordered(['ab', 'x', 'pqr'], 'axb'), 3, 6],
    // Each actor interrupted by the other.
    ['two interruptions', 3, ordered(['ab', 'xy'], 'axby'), 2, 4],
    ['two interruptions among others', 3, ordered(['ab', 'xy', 'pq'], 'axby'), 3, 6],
  ];
  it.each(cases)('%s, of depth %i', (_, depth, tiny, n, k) => {
    const bound = 1 / (n * k ** (depth - 1));
    const deviation = Math.sqrt((bound * (1 - bound)) / RUNS);
    expect(rate(tiny, depth, k)).toBeGreaterThan(bound - 3 * deviation);
  });

  it('a bug deeper than it asks for is not to be had', () => {
    expect(rate(ordered(['ab', 'x'], 'axb'), 1, 3)).toBe(0);
    expect(rate(ordered(['ab', 'xy'], 'axby'), 2, 4)).toBe(0);
  });

  it('whoever was demoted first need not go on first', () => {
    // a waits for b waits for x, nested: b, demoted later, goes on before a.
    // 1 of 6 priorities, and one of 4 x 4 pairs of steps.
    expect(rate(ordered(['ad', 'bc', 'x'], 'abxcd'), 3, 4)).toBeGreaterThan(0.5 / 96);
  });

  it('a change is not spent on an actor that is merely blocked', () => {
    // The waiter is of higher priority than a in a third of the orders that do.
    const tiny = ordered(['ab', 'x'], 'axb');
    const waiter = (s: S) => [
      op('wait', () => step('wait', () => {}, { when: () => s.seen === 9 })),
    ];
    const ends = { ...tiny, programs: [...tiny.programs, waiter] };
    const orders = rate(ends, 2, 3);
    // a before x in priority, whatever the waiter's, and one of two steps.
    expect(orders).toBeGreaterThan(0.2);
  });
});

describe('PCT', () => {
  it('is deterministic for a seed', () => {
    const tiny = ordered(['abc', 'xyz', 'pqr'], 'axpb');
    const found = (seed: number) =>
      sample(build(tiny).machine, pct(4), { runs: 5000, seed, maxSteps: 50 });
    expect(found(3)).toEqual(found(3));
    expect(found(3).schedule).not.toBeNull();
    expect(found(3).note).not.toBe(found(4).note);
  });

  it('runs the highest actor on though its other outcomes are beyond the budget', () => {
    const fragile = (s: S) =>
      function* (): Flow {
        for (let i = 0; i < 3; i++)
          yield* choose(
            'c',
            [0, 1, 1].map((cost) => ({ name: '', cost })),
            (o) => (s.flag++, o),
          );
      };
    // Of depth 1: nobody is ever preempted, so x never comes between.
    const tiny: Tiny<S> = {
      state,
      programs: [
        (s) => [op('f', fragile(s))],
        (s) => [op('x', () => step('x', () => void (s.seen = s.flag)))],
      ],
      properties: (s) => ({ whole: () => s.seen === 0 || s.seen === 3 }),
    };
    expect(rate(tiny, 1, 4)).toBe(0);
    const walk = sample(build(tiny).machine, randomWalk(), { runs: 2000, seed: 1, maxSteps: 50 });
    expect(walk.verdict).toBe('violated');
  });
});
