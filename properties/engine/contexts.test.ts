import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceOf } from '../../src/core/trace.js';
import { Run } from '../../src/core/run.js';
import type { Machine } from '../../src/core/machine.js';
import { ContextBoundedSearch } from '../../src/explore/contexts.js';
import { effort } from '../effort.js';
import { examples } from './disagreed.js';
import { Misuse, oracle, TooBig, type Facts } from './oracle.js';
import { machineOf, programs, type Program } from './programs.js';
import { shows } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const BOUNDS = { maxStates: 100_000 };

/** Fewest preemptions to a state in which `property` shows, by trying all, few first. */
function fewest(machine: Machine, property: string): number | undefined {
  const start = { run: new Run(machine), last: -1, cost: 0 };
  const best = new Map<string, number>();
  let level = [start];
  for (let cost = 0; level.length > 0; cost++) {
    const next: (typeof start)[] = [];
    const queue = [...level];
    for (const { run, last } of queue) {
      const key = `${run.memory} ${run.nodes.join(' ')} ${last}`;
      if (best.has(key)) continue;
      best.set(key, cost);
      if (shows(machine, property, run.decisions)) return cost;
      const enabled = run.enabled();
      for (const decision of enabled) {
        const after = new Run(machine);
        for (const d of run.decisions) after.take(d);
        after.take(decision);
        const preempts = decision.actor !== last && enabled.some((d) => d.actor === last);
        (preempts ? next : queue).push({ run: after, last: decision.actor, cost });
      }
    }
    level = next;
  }
  return undefined;
}

function factsOf(p: Program): Facts | undefined {
  try {
    return oracle(p, 300);
  } catch (error) {
    if (error instanceof TooBig || error instanceof Misuse) return undefined;
    throw error;
  }
}

describe('iterative context bounding', () => {
  it('agrees with the plain explorer, and breaks things with fewest preemptions', () => {
    const tally = { compared: 0, violated: 0, preempted: 0 };
    const compare = (p: Program): void => {
      const facts = factsOf(p);
      if (!facts) return;
      const machine = machineOf(p);
      const result = new ContextBoundedSearch(machine, BOUNDS).run();
      tally.compared++;
      if (facts.distance.size === 0) {
        const missing = p.condition.quantifier === 'exists' && facts.witness === undefined;
        expect(result.verdict).toBe(missing ? 'violated' : 'holds');
        return;
      }
      // An `exists` may be witnessed before anything is broken by more preemptions.
      if (result.verdict === 'holds') return void expect(p.condition.quantifier).toBe('exists');
      tally.violated++;
      expect([...facts.distance.keys()]).toContain(result.property);
      expect(shows(machine, result.property!, result.schedule!)).toBe(true);
      const { preemptions } = traceOf(machine, result.schedule!);
      // None are the fewest; and that nothing is broken with fewer than some takes long to say.
      if (preemptions === 0) return;
      tally.preempted++;
      const least = [...facts.distance.keys()].map((id) => fewest(machine, id)!);
      expect(preemptions).toBe(Math.min(...least));
    };
    fc.assert(fc.property(programs, compare), {
      numRuns: effort(1000),
      seed: seedOf(11),
      examples,
    });
    expect(tally.compared).toBeGreaterThan(enough(100));
    expect(tally.violated).toBeGreaterThan(enough(30));
    expect(tally.preempted).toBeGreaterThan(enough(3));
  });

  it('says up to which bound nothing is broken', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(programs, (p) => {
        if (!factsOf(p) || p.condition.quantifier === 'exists') return;
        const few = new ContextBoundedSearch(machineOf(p), BOUNDS, 0).run();
        const all = new ContextBoundedSearch(machineOf(p), BOUNDS).run();
        seen.add(few.verdict);
        if (few.verdict === 'undecided') {
          expect(few.note).toMatch(/^bound hit: --max-preemptions 0; .* at most 0 preemptions$/);
          expect(few.states).toBeLessThanOrEqual(all.states);
        } else expect(few.verdict).toBe(all.verdict);
      }),
      { numRuns: 200, seed: seedOf(3), examples },
    );
    expect([...seen].toSorted()).toEqual(['holds', 'undecided', 'violated']);
  });
});
