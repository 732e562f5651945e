import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { effort } from '../effort.js';
import { Machine } from '../../src/core/machine.js';
import { ConditionTable } from '../../src/explore/conditions.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import { ReducedRound } from '../../src/explore/reduced.js';
import { generators } from '../../src/explore/reductions/generators.js';
import type { Reductions } from '../../src/explore/reductions/options.js';
import { Orbits } from '../../src/explore/reductions/orbits.js';
import { examples } from './disagreed.js';
import { Misuse, oracle, TooBig, type Facts } from './oracle.js';
import { counting, tinyOf, type Program } from './programs.js';
import { isIdentity, ordersOf, symmetryOf } from './renamed.js';
import { worldOf } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const KINDS: Record<string, Reductions> = {
  symmetry: { partialOrder: false, chains: false, symmetry: true },
  all: { partialOrder: true, chains: true, symmetry: true },
};
const RUNS = Number(process.env['REDUCTION_RUNS'] ?? effort(150));
const SEED = seedOf(11);

/** Two or three actors that run the same, and perhaps one that does not. */
const twins = counting.map((p): Program => {
  const [first, ...rest] = p.actors;
  const alike = first!.length > 0 ? first! : [0];
  return { ...p, actors: rest.length > 1 ? [alike, alike, rest[0]!] : [alike, alike] };
});

function machineOf(p: Program, like = p.actors.map((calls) => calls.join())): Machine {
  const { world } = worldOf(tinyOf(p));
  const orders = ordersOf(like).filter((order) => !isIdentity(order));
  return new Machine({ ...world, symmetries: () => orders.map((o) => symmetryOf(world, o)) });
}

/** The last round, and whether all that was claimed of renamings is so. */
function reduced(machine: Machine, reductions: Reductions) {
  const conditions = new ConditionTable(machine);
  machine.keepFootprints();
  const orbits = new Orbits(machine);
  const options = { bounds: { maxStates: 100_000 }, orbits, goesOn: true };
  for (;;) {
    const round = new ReducedRound(machine, reductions, conditions, options);
    try {
      if (round.run().isStale) continue;
    } catch (error) {
      // A state that cannot be, to which a false claim has led.
      if (!(error instanceof EngineError)) throw error;
      return { round, isSound: false, orbits };
    }
    const isSound = orbits.isSound(conditions);
    // As the search itself: the images of moves may have shown what actors do.
    if (isSound && !round.isUpToDate()) continue;
    return { round, isSound, orbits };
  }
}

function factsOf(p: Program): Facts | undefined {
  try {
    return oracle(p, 1500);
  } catch (error) {
    if (error instanceof TooBig || error instanceof Misuse) return undefined;
    throw error;
  }
}

/** Does the reduced search meet all that the plain explorer meets, and nothing else? */
function agrees(round: ReducedRound, facts: Facts, p: Program): boolean {
  const met = [...round.met].toSorted().join();
  const wanted = p.condition.quantifier === 'exists' && facts.witness !== undefined;
  return (
    met === [...facts.distance.keys()].toSorted().join() &&
    round.witness >= 0 === wanted &&
    round.finals > 0 === facts.finals > 0
  );
}

describe('symmetry', () => {
  it.each(Object.keys(KINDS))('%s meets what the plain explorer meets', (name) => {
    const tally = { compared: 0, fewer: 0, broken: 0 };
    const compare = (p: Program): void => {
      const facts = factsOf(p);
      if (!facts) return;
      const { round, isSound } = reduced(machineOf(p), KINDS[name]!);
      // A condition on what the first actor returns tells it from the second.
      if (!isSound) return void expect(p.condition.of).toBe('result');
      expect(agrees(round, facts, p)).toBe(true);
      tally.compared++;
      if (round.states.count < 0.7 * facts.states) tally.fewer++;
      if (facts.distance.size > 0) tally.broken++;
    };
    fc.assert(fc.property(twins, compare), { numRuns: RUNS, seed: SEED, examples });
    expect(tally.compared).toBeGreaterThan(enough(RUNS / 3));
    expect(tally.fewer).toBeGreaterThan(enough(RUNS / 6));
    expect(tally.broken).toBeGreaterThan(enough(RUNS / 8));
  });

  it('stores one state of each orbit, and no fewer', () => {
    const compare = (p: Program): void => {
      if (!factsOf(p)) return;
      const machine = machineOf(p);
      const { round, isSound, orbits } = reduced(machine, KINDS['symmetry']!);
      if (!isSound || round.met.size > 0) return;
      const search = new ExhaustiveSearch(machine, { maxStates: 100_000 });
      search.run();
      const seen = new Set<string>();
      const row = new Int32Array(machine.initialNodes.length + 1);
      for (let id = 0; id < search.states.count; id++) {
        search.states.read(id, row);
        orbits.canonical(row);
        seen.add(row.join());
      }
      expect(round.states.count).toBe(seen.size);
    };
    fc.assert(fc.property(twins, compare), { numRuns: RUNS / 2, seed: SEED, examples });
  });

  it('is found out where actors only seem alike', () => {
    let caught = 0;
    const compare = (p: Program): void => {
      const facts = factsOf(p);
      if (!facts) return;
      const like = p.actors.map((calls) => String(calls.length));
      const { round, isSound } = reduced(machineOf(p, like), KINDS['symmetry']!);
      if (!isSound) caught++;
      else expect(agrees(round, facts, p)).toBe(true);
    };
    fc.assert(fc.property(counting, compare), { numRuns: RUNS, seed: SEED, examples });
    expect(caught).toBeGreaterThan(enough(RUNS / 10));
  });

  it('is checked for renamings that generate the others', () => {
    const group = (...orders: number[][]): Int32Array[] => orders.map((o) => Int32Array.from(o));
    const s3 = group([0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]);
    expect(generators(s3)).toEqual([0, 1]);
    expect(generators(group([1, 0, 2, 3], [0, 1, 3, 2], [1, 0, 3, 2]))).toEqual([0, 1]);
    expect(generators(group([1, 2, 0], [2, 0, 1]))).toEqual([0]);
    expect(generators([])).toEqual([]);
  });
});
