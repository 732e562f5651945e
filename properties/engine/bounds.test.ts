import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import type { Reached, Stop } from '../../src/explore/bounds.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { effort } from '../effort.js';
import { Misuse, oracle, TooBig, type Facts } from './oracle.js';
import { machineOf, programs, type Program } from './programs.js';
import { enough, seedOf } from '../model/seed.js';

const MAX_STATES = 100_000;

function factsOf(p: Program): Facts | undefined {
  try {
    return oracle(p, 500);
  } catch (error) {
    if (error instanceof TooBig || error instanceof Misuse) return undefined;
    throw error;
  }
}

/** What a short search comes to; undefined for a program that the engine refuses, and rightly. */
function unlessRefused<T>(p: Program, search: () => T): T | undefined {
  try {
    return search();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return void expect(factsOf(p)).toBeUndefined();
  }
}

/** Fewest steps to anything broken; where nothing is, more than any bound. */
const nearest = ({ distance }: Facts): number => Math.min(...distance.values(), Infinity);

/** Steps to the state that takes most, where nothing is broken. */
function deepest(p: Program): number {
  const search = new ExhaustiveSearch(machineOf(p), { maxStates: MAX_STATES });
  search.run();
  return search.position.depth;
}

describe('a bound of the depth', () => {
  it('decides exactly what runs of that length decide', () => {
    const tally = { violated: 0, holds: 0, undecided: 0, spared: 0 };
    const compare = (p: Program, maxDepth: number): void => {
      const facts = factsOf(p);
      if (!facts) return;
      const search = new ExhaustiveSearch(machineOf(p), { maxStates: MAX_STATES, maxDepth });
      const result = search.run();
      tally[result.verdict]++;
      if (nearest(facts) <= maxDepth) {
        expect(result).toMatchObject({ verdict: 'violated' });
        expect(result.schedule).toHaveLength(facts.distance.get(result.property!)!);
        // What breaks when a state is left, a condition or a deadlock, is met a step later.
        expect(result.schedule!.length).toBeLessThanOrEqual(nearest(facts) + 1);
        return;
      }
      if (nearest(facts) === Infinity && deepest(p) <= maxDepth) {
        const unbounded = new ExhaustiveSearch(machineOf(p), { maxStates: MAX_STATES }).run();
        return void expect(result).toEqual(unbounded);
      }
      const { steps, bound, frontier } = result.covered!;
      expect(result).toMatchObject({ verdict: 'undecided', footing: null, property: null });
      expect({ steps, bound }).toEqual({ steps: maxDepth, bound: 'depth' });
      expect(frontier).toBeGreaterThan(0);
      expect(result.note).toContain(`bound hit: --max-depth ${maxDepth}; nothing is broken by`);
      expect(result.states).toBeLessThan(facts.states);
      if (facts.states - result.states > 20) tally.spared++;
    };
    fc.assert(fc.property(programs, fc.nat(12), compare), {
      numRuns: effort(500),
      seed: seedOf(5),
    });
    for (const [, count] of Object.entries(tally)) expect(count).toBeGreaterThan(enough(30));
  });
});

/** Stops at the n-th call, whatever for. */
function stopAt(
  n: number,
  stop: Stop,
): { watch: (r: Reached) => Stop | undefined; calls: Reached[] } {
  const calls: Reached[] = [];
  return { calls, watch: (r) => (calls.push(r) > n ? stop : undefined) };
}

describe('a search that is stopped', () => {
  const stops = fc.constantFrom<Stop>('time', 'memory', 'interrupted');

  it('claims nothing of runs that it has not tried', () => {
    const tally = { undecided: 0, close: 0, started: 0 };
    const compare = (p: Program, maxStates: number, isWatched: boolean, stop: Stop): void => {
      const bounds = isWatched
        ? { maxStates: MAX_STATES, watch: stopAt(maxStates, stop).watch, watchEvery: 1 }
        : { maxStates };
      const result = unlessRefused(p, () => new ExhaustiveSearch(machineOf(p), bounds).run());
      if (!result) return;
      if (result.verdict !== 'undecided') return void expect(result.covered).toBeUndefined();
      // Asked only now: most programs have too few states to be stopped.
      const facts = factsOf(p);
      if (!facts) return;
      tally.undecided++;
      expect(result).toMatchObject({ footing: null, property: null });
      const { steps, bound, frontier } = result.covered!;
      expect(bound).toBe(isWatched ? stop : 'states');
      expect(frontier).toBeGreaterThan(0);
      expect(steps).toBeLessThan(nearest(facts));
      if (steps! + 2 >= nearest(facts)) tally.close++;
      if (steps! > 0) tally.started++;
    };
    const limit = fc.integer({ min: 1, max: 60 });
    const property = fc.property(programs, limit, fc.boolean(), stops, compare);
    fc.assert(property, { numRuns: effort(2000), seed: seedOf(9) });
    for (const [, count] of Object.entries(tally)) expect(count).toBeGreaterThan(enough(30));
  });

  it('by contexts claims nothing of preemptions that it has not tried', () => {
    const tally = { undecided: 0, claimed: 0 };
    const compare = (p: Program, n: number, stop: Stop): void => {
      const watched = { maxStates: MAX_STATES, watch: stopAt(n, stop).watch, watchEvery: 1 };
      const result = unlessRefused(p, () => new ContextBoundedSearch(machineOf(p), watched).run());
      if (result?.verdict !== 'undecided' || !factsOf(p)) return;
      tally.undecided++;
      expect(result.covered).toMatchObject({ bound: stop, steps: null });
      const claim = /nothing is broken by runs with at most (\d+) preemption/.exec(result.note);
      if (!claim) return void expect(result.note).toMatch(/not even all runs without preemption/);
      tally.claimed++;
      const most = Number(claim[1]);
      const tried = new ContextBoundedSearch(machineOf(p), { maxStates: MAX_STATES }, most).run();
      expect(tried.covered ?? tried).toMatchObject({ bound: 'preemptions' });
    };
    fc.assert(fc.property(programs, fc.nat(100), stops, compare), {
      numRuns: effort(500),
      seed: seedOf(9),
    });
    for (const [, count] of Object.entries(tally)) expect(count).toBeGreaterThan(enough(10));
  });

  it('is shown how far it has come, more and more', () => {
    const p = fc.sample(
      programs.filter((q) => (factsOf(q)?.states ?? 0) > 50 && nearest(factsOf(q)!) === Infinity),
      { numRuns: 1, seed: 2 },
    )[0]!;
    const { calls, watch } = stopAt(Infinity, 'time');
    const result = new ExhaustiveSearch(machineOf(p), {
      maxStates: MAX_STATES,
      watch,
      watchEvery: 1,
    }).run();
    expect(calls).toHaveLength(result.states);
    expect(calls[0]).toEqual({ states: 1, frontier: 1, transitions: 0, depth: 0 });
    for (const [i, now] of calls.entries()) expect(now.states - now.frontier).toBe(i);
    expect(calls.at(-1)!.transitions).toBeLessThanOrEqual(result.transitions);
  });

  it('goes on from where it was stopped as if it had never been', () => {
    let resumed = 0;
    const compare = (p: Program, n: number): void => {
      let calls = 0;
      const watch = (): Stop | undefined => (calls++ === n ? 'interrupted' : undefined);
      const bounds = { maxStates: MAX_STATES, watch, watchEvery: 1 };
      const search = new ExhaustiveSearch(machineOf(p), bounds);
      const first = unlessRefused(p, () => search.run());
      if (first?.covered?.bound !== 'interrupted' || !factsOf(p)) return;
      resumed++;
      const whole = new ExhaustiveSearch(machineOf(p), { maxStates: MAX_STATES }).run();
      expect(search.run()).toEqual(whole);
    };
    fc.assert(fc.property(programs, fc.nat(60), compare), {
      numRuns: effort(500),
      seed: seedOf(4),
    });
    expect(resumed).toBeGreaterThan(enough(80));
  });
});

describe('memory that cannot be had', () => {
  const failing = ['Array buffer allocation failed', 'Map maximum size exceeded'];

  it.each(failing)('is a bound that was hit, not a crash: %s', (message) => {
    const p = fc.sample(
      programs.filter((q) => (factsOf(q)?.states ?? 0) > 50 && nearest(factsOf(q)!) > 20),
      { numRuns: 1, seed: 3 },
    )[0]!;
    const bounds = { maxStates: MAX_STATES };
    for (const search of [
      new ExhaustiveSearch(machineOf(p), bounds),
      new ContextBoundedSearch(machineOf(p), bounds),
    ]) {
      const { states } = search;
      const add = states.add.bind(states);
      states.add = (row, hash, parent) => {
        if (states.count === 20) throw new RangeError(message);
        return add(row, hash, parent);
      };
      const result = search.run();
      expect(result).toMatchObject({ verdict: 'undecided', states: 20, footing: null });
      expect(result.covered).toMatchObject({ bound: 'memory' });
      expect(result.note).toMatch(/^bound hit: no more memory can be had; /);
    }
  });

  it('and other range errors are errors', () => {
    const [p] = fc.sample(programs, { numRuns: 1, seed: 4 });
    const search = new ExhaustiveSearch(machineOf(p!), { maxStates: 9 });
    search.states.add = () => {
      throw new RangeError('Invalid count value');
    };
    expect(() => search.run()).toThrow('Invalid count value');
  });
});
