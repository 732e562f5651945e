import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/core/errors.js';
import { FINE, type Machine } from '../../src/core/machine.js';
import { Run } from '../../src/core/run.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import type { SearchResult } from '../../src/explore/verdict.js';
import { effort } from '../effort.js';
import { examples } from './disagreed.js';
import { Misuse, oracle, TooBig, type Facts } from './oracle.js';
import { counting, machineOf, programs, queueing, type Program } from './programs.js';
import { shows } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const RUNS = effort(700);
const MAX = 1500;

/** Every state the machine can reach, broken or not: a search stops at the first. */
function census(machine: Machine): { states: number; transitions: number; broken: number } {
  const key = (run: Run): string => `${run.memory} ${run.nodes.join(' ')}`;
  const start = new Run(machine);
  const seen = new Set([key(start)]);
  const queue = [start];
  let [transitions, broken] = [0, 0];
  for (const run of queue) {
    if (machine.broken[run.memory] !== FINE) broken++;
    for (const decision of run.enabled()) {
      transitions++;
      const next = new Run(machine);
      next.memory = run.memory;
      next.nodes.set(run.nodes);
      next.take(decision);
      if (seen.has(key(next))) continue;
      seen.add(key(next));
      queue.push(next);
    }
  }
  return { states: seen.size, transitions, broken };
}

function agree(machine: Machine, facts: Facts, p: Program, result: SearchResult): void {
  const missing = p.condition.quantifier === 'exists' && facts.witness === undefined;
  if (facts.distance.size === 0) {
    expect(result.verdict).toBe(missing ? 'violated' : 'holds');
    expect(result.footing).toBe('exhaustive');
    expect(result.states).toBe(facts.states);
    expect(result.transitions).toBe(facts.transitions);
    expect(result.note).toContain(`${facts.finals} of them final`);
    if (p.condition.quantifier === 'exists') expect(result.schedule?.length).toBe(facts.witness);
    if (result.schedule) expect(shows(machine, 'condition', result.schedule)).toBe(true);
    return;
  }
  expect(result.verdict).toBe('violated');
  expect(result.schedule!.length, result.property!).toBe(facts.distance.get(result.property!));
  expect(shows(machine, result.property!, result.schedule!)).toBe(true);
}

describe('an independent explorer', () => {
  it('agrees on states, transitions, verdicts and shortest distances', () => {
    const tally = {
      compared: 0,
      violated: 0,
      deadlocks: 0,
      holds: 0,
      cyclic: 0,
      refused: 0,
      big: 0,
    };
    const compare = (p: Program): void => {
      let facts: Facts;
      try {
        facts = oracle(p, MAX);
      } catch (error) {
        if (error instanceof TooBig) return void tally.big++;
        if (!(error instanceof Misuse)) throw error;
        tally.refused++;
        expect(() => census(machineOf(p))).toThrow(EngineError);
        return;
      }
      const counted = census(machineOf(p));
      expect([counted.states, counted.transitions]).toEqual([facts.states, facts.transitions]);
      expect(counted.broken > 0).toBe(facts.distance.has('bad'));
      const machine = machineOf(p);
      const result = new ExhaustiveSearch(machine, { maxStates: 10 * MAX }).run();
      agree(machine, facts, p, result);
      tally.compared++;
      tally[result.verdict === 'holds' ? 'holds' : 'violated']++;
      if (facts.distance.has('deadlock')) tally.deadlocks++;
      if (p.functions.flat().some((s) => s.k === 'retry')) tally.cyclic++;
    };
    fc.assert(fc.property(fc.oneof(programs, counting), compare), {
      numRuns: RUNS,
      seed: seedOf(4),
      examples,
    });
    fc.assert(fc.property(queueing, compare), { numRuns: Math.ceil(RUNS / 4), seed: seedOf(4) });
    // The agreement is worth what was compared: enough of every kind.
    expect(tally.compared).toBeGreaterThan(enough(RUNS / 1.7));
    for (const kind of ['violated', 'deadlocks', 'holds', 'cyclic'] as const)
      expect(tally[kind], kind).toBeGreaterThan(enough(RUNS / 13));
    expect(tally.refused).toBeGreaterThan(enough(5));
  });
});
