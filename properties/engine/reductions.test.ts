import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/core/machine.js';
import { Run } from '../../src/core/run.js';
import { ConditionTable } from '../../src/explore/conditions.js';
import { ReducedRound } from '../../src/explore/reduced.js';
import type { Reductions } from '../../src/explore/reductions/options.js';
import { effort } from '../effort.js';
import { examples } from './disagreed.js';
import { Misuse, oracle, TooBig, type Facts } from './oracle.js';
import { shows } from './world.js';
import { counting, machineOf, queueing, type Program } from './programs.js';
import { enough, seedOf } from '../model/seed.js';

const MAX = 1500;

const KINDS: Record<string, Reductions> = {
  'no reduction': { partialOrder: false, chains: false, symmetry: false },
  'partial order': { partialOrder: true, chains: false, symmetry: false },
  chains: { partialOrder: false, chains: true, symmetry: false },
  'partial order and chains': { partialOrder: true, chains: true, symmetry: false },
};

/** States in which nobody can move: final ones and deadlocks. */
function ends(machine: Machine): string[] {
  const start = new Run(machine);
  const seen = new Set([keyOf(start.memory, start.nodes)]);
  const queue = [start];
  const stuck: string[] = [];
  for (const run of queue) {
    const enabled = run.enabled();
    if (enabled.length === 0) stuck.push(keyOf(run.memory, run.nodes));
    for (const decision of enabled) {
      const next = new Run(machine);
      next.memory = run.memory;
      next.nodes.set(run.nodes);
      next.take(decision);
      const key = keyOf(next.memory, next.nodes);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return stuck.toSorted();
}

const keyOf = (memory: number, nodes: Iterable<number>): string =>
  `${memory} ${[...nodes].join(' ')}`;

function stuckIn(machine: Machine, search: ReducedRound): string[] {
  const row = new Int32Array(machine.initialNodes.length + 1);
  const stuck: string[] = [];
  for (let id = 0; id < search.states.count; id++) {
    search.states.read(id, row);
    const run = new Run(machine);
    run.memory = row[0]!;
    run.nodes.set(row.subarray(1));
    if (run.enabled().length === 0) stuck.push(keyOf(run.memory, run.nodes));
  }
  return stuck.toSorted();
}

/** Rounds until one learns nothing, gone on with past whatever is broken. */
function reduced(machine: Machine, reductions: Reductions): ReducedRound {
  const conditions = new ConditionTable(machine);
  for (;;) {
    const bounds = { maxStates: 100_000 };
    const round = new ReducedRound(machine, reductions, conditions, { bounds, goesOn: true });
    if (!round.run().isStale) return round;
  }
}

/** Rounds until one breaks something, if anything is broken; and does its run show that? */
function showsItsRun(machine: Machine, reductions: Reductions, facts: Facts, name: string): void {
  const conditions = new ConditionTable(machine);
  const bounds = { maxStates: 100_000 };
  for (;;) {
    const search = new ReducedRound(machine, reductions, conditions, { bounds });
    const { broken, isStale } = search.run();
    if (!broken && isStale) continue;
    expect(broken !== undefined, name).toBe(facts.distance.size > 0);
    if (broken) expect(shows(machine, broken, search.schedule()), name).toBe(true);
    return;
  }
}

function factsOf(p: Program): Facts | undefined {
  try {
    return oracle(p, MAX);
  } catch (error) {
    if (error instanceof TooBig || error instanceof Misuse) return undefined;
    throw error;
  }
}

/** More of them, and others: REDUCTION_RUNS=20000 GMEMCHECK_SEED=5. */
const RUNS = Number(process.env['REDUCTION_RUNS'] ?? effort(300));
const SEED = seedOf(7);

describe('every combination of reductions', () => {
  it('meets every violation and every end that the plain explorer meets', { timeout: 3e6 }, () => {
    const tally = { compared: 0, broken: 0 };
    const fewer: Record<string, number> = {};
    const compare = (p: Program): void => {
      const facts = factsOf(p);
      if (!facts) return;
      const machine = machineOf(p);
      machine.keepFootprints();
      const stuck = ends(machine);
      for (const [name, reductions] of Object.entries(KINDS)) {
        // The census above has taught that machine everything: each search gets its own.
        const fresh = machineOf(p);
        const search = reduced(fresh, reductions);
        expect([...search.met].toSorted(), name).toEqual([...facts.distance.keys()].toSorted());
        expect(search.witness >= 0, name).toBe(
          p.condition.quantifier === 'exists' && facts.witness !== undefined,
        );
        expect(search.finals, name).toBe(facts.finals);
        expect(stuckIn(fresh, search).length, name).toBe(stuck.length);
        expect(stuckIn(machine, reduced(machine, reductions)), name).toEqual(stuck);
        showsItsRun(machineOf(p), reductions, facts, name);
        if (name === 'no reduction') expect(search.states.count).toBe(facts.states);
        if (search.states.count < facts.states) fewer[name] = (fewer[name] ?? 0) + 1;
      }
      tally.compared++;
      if (facts.distance.size > 0) tally.broken++;
    };
    fc.assert(fc.property(counting, compare), { numRuns: RUNS, seed: SEED, examples });
    fc.assert(fc.property(queueing, compare), { numRuns: Math.ceil(RUNS / 6), seed: SEED });
    expect(tally.compared).toBeGreaterThan(enough(RUNS / 2));
    expect(tally.broken).toBeGreaterThan(enough(RUNS / 5));
    for (const name of Object.keys(KINDS).slice(1))
      expect(fewer[name], name).toBeGreaterThan(enough(RUNS / 4));
  });
});
