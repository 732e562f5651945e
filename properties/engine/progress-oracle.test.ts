import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/core/machine.js';
import { hashRow } from '../../src/explore/states.js';
import { findLivelock, mayCycle } from '../../src/explore/progress/cycles.js';
import { hasCycle } from '../../src/explore/progress/components.js';
import { findDoomed } from '../../src/explore/progress/doomed.js';
import { graphOf } from '../../src/explore/progress/graph.js';
import type { Lasso } from '../../src/explore/progress/lasso.js';
import { lassoIn } from '../../src/explore/progress/replayed.js';
import { StateTable } from '../../src/explore/states.js';
import { Run } from '../../src/core/run.js';
import { effort } from '../effort.js';
import { Misuse, plainGraph, TooBig, type PlainState } from './oracle.js';
import { progressFacts } from './progress-oracle.js';
import { machineOf, restless, skirmishes } from './programs.js';
import { runOf } from './world.js';
import { enough, seedOf } from '../model/seed.js';

const RUNS = effort(600);
const MAX = 300;

/** Every state, whatever is broken in it: a search would stop at a deadlock. */
function table(machine: Machine): { states: StateTable; transitions: number } {
  const states = new StateTable(machine.initialNodes.length + 1);
  const start = new Run(machine);
  const visit = (run: Run, parent: number): boolean => {
    const row = Int32Array.of(run.memory, ...run.nodes);
    return states.add(row, hashRow(row), parent) >= 0;
  };
  visit(start, -1);
  let transitions = 0;
  const queue = [start];
  for (const [id, run] of queue.entries())
    for (const decision of run.enabled()) {
      transitions++;
      const next = new Run(machine);
      next.memory = run.memory;
      next.nodes.set(run.nodes);
      next.take(decision);
      if (visit(next, id)) queue.push(next);
    }
  return { states, transitions };
}

/** Does the run do what is said of it? */
function isShown(machine: Machine, lasso: Lasso): void {
  const { stem, loop } = lasso;
  const [before, after] = [runOf(machine, stem), runOf(machine, [...stem, ...loop])];
  expect([after.memory, ...after.nodes]).toEqual([before.memory, ...before.nodes]);
  expect(lassoIn(machine, [...stem, ...loop])).toEqual(
    // A livelock that is doomed as well is recognized as that.
    lasso.kind === 'doomed' ? lasso : expect.objectContaining({ stem, loop }),
  );
}

/** Would there be a livelock if locks had no queues? */
const weakly = (graph: PlainState[], actors: number): boolean =>
  progressFacts(
    graph.map((state) => ({ ...state, queued: [] })),
    actors,
  ).livelock !== undefined;

describe('an independent explorer', () => {
  it('agrees on doomed states, fair cycles, distances and loops', () => {
    const tally = {
      compared: 0,
      doomed: 0,
      stuck: 0,
      livelock: 0,
      rescued: 0,
      unfair: 0,
      starved: 0,
      sane: 0,
    };
    fc.assert(
      fc.property(fc.oneof(restless, skirmishes), (p) => {
        let plain: PlainState[];
        try {
          plain = plainGraph(p, MAX);
        } catch (error) {
          if (error instanceof TooBig || error instanceof Misuse) return;
          throw error;
        }
        const facts = progressFacts(plain, p.actors.length);
        const machine = machineOf(p);
        const { states, transitions } = table(machine);
        const graph = graphOf(machine, states, transitions);
        expect(states.count).toBe(plain.length);
        expect(hasCycle(graph)).toBe(facts.isCyclic);
        if (facts.isCyclic) expect(mayCycle(machine)).toBe(true);
        const [doomed, livelock] = [findDoomed(graph), findLivelock(graph)];
        expect(doomed?.doomedAfter).toBe(facts.doomed);
        expect(livelock?.stem.length).toBe(facts.livelock);
        if (livelock) expect(facts.loops).toContain(livelock.loop.length);
        for (const lasso of [doomed, livelock]) if (lasso) isShown(machine, lasso);
        tally.compared++;
        if (doomed) tally.doomed++;
        if (doomed?.loop.length === 0) tally.stuck++;
        if (livelock) tally.livelock++;
        if (livelock && !doomed) tally.rescued++;
        if (facts.isCyclic && !livelock) tally.unfair++;
        if (!livelock && weakly(plain, p.actors.length)) tally.starved++;
        if (!doomed && !livelock && !plain.some((s) => s.moves.length === 0 && !s.isFinal))
          tally.sane++;
      }),
      { numRuns: RUNS, seed: seedOf(5) },
    );
    // Enough of each: what nobody leaves, what can be left but need not be, what
    // only an unfair scheduler repeats, and what it takes queues to rule out.
    expect(tally.compared).toBeGreaterThan(enough(RUNS / 1.5));
    const of = {
      doomed: 5,
      stuck: 15,
      livelock: 7,
      rescued: 60,
      unfair: 15,
      sane: 5,
      starved: 360,
    };
    for (const [kind, part] of Object.entries(of))
      expect(tally[kind as keyof typeof tally], kind).toBeGreaterThan(enough(RUNS / part));
  });
});
