import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/core/machine.js';
import { ReducedSearch } from '../../src/explore/reduced-search.js';
import type { Reductions } from '../../src/explore/reductions/options.js';
import { examples } from './disagreed.js';
import { Misuse, oracle, TooBig, type Facts } from './oracle.js';
import { effort } from '../effort.js';
import { counting, tinyOf, type Program } from './programs.js';
import { isIdentity, ordersOf, symmetryOf } from './renamed.js';
import { shows, worldOf } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const BOUNDS = { maxStates: 100_000 };
const reductions = fc.record({
  partialOrder: fc.boolean(),
  chains: fc.boolean(),
  symmetry: fc.boolean(),
});

/** Two to four actors; some run the same. */
const crowds = fc
  .tuple(counting, fc.array(fc.nat(2), { minLength: 2, maxLength: 4 }))
  .map(([p, who]): Program => ({ ...p, actors: who.map((i) => p.actors[i % p.actors.length]!) }));

function machineOf(p: Program): Machine {
  const { world } = worldOf(tinyOf(p));
  const orders = ordersOf(p.actors.map((calls) => calls.join())).filter((o) => !isIdentity(o));
  return new Machine({ ...world, symmetries: () => orders.map((o) => symmetryOf(world, o)) });
}

function factsOf(p: Program): Facts | undefined {
  try {
    return oracle(p, 2500);
  } catch (error) {
    if (error instanceof TooBig || error instanceof Misuse) return undefined;
    throw error;
  }
}

describe('a reduced search', () => {
  it('comes to the verdict that the plain explorer comes to', () => {
    const tally = { compared: 0, violated: 0 };
    const compare = (p: Program, r: Reductions): void => {
      const facts = factsOf(p);
      if (!facts) return;
      const isMissing = p.condition.quantifier === 'exists' && facts.witness === undefined;
      const found = new ReducedSearch(machineOf(p), r, BOUNDS).run();
      const isViolated = facts.distance.size > 0 || isMissing;
      expect(found.verdict).toBe(isViolated ? 'violated' : 'holds');
      tally.compared++;
      if (!isViolated) return;
      tally.violated++;
      if (found.schedule) {
        expect(shows(machineOf(p), found.property!, found.schedule)).toBe(true);
        expect(found.schedule.length).toBe(facts.distance.get(found.property!));
      }
    };
    fc.assert(fc.property(crowds, reductions, compare), {
      numRuns: Number(process.env['REDUCTION_RUNS'] ?? effort(200)),
      seed: seedOf(3),
      examples: examples.map(([p]): [Program, Reductions] => [
        p,
        { partialOrder: true, chains: true, symmetry: true },
      ]),
    });
    expect(tally.compared).toBeGreaterThan(enough(150));
    expect(tally.violated).toBeGreaterThan(enough(50));
  });
});
