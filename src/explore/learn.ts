import type { Machine } from '../core/machine.js';
import { Stopped, type Bounds } from './bounds.js';
import type { ConditionTable } from './conditions.js';
import { ReducedRound } from './reduced.js';
import type { Reductions } from './reductions/options.js';
import { pctMember } from './sampling/pct.js';
import { randomMember } from './sampling/random.js';
import { draw } from './sampling/sample.js';

/** Learning is worth no more than a little of what it spares. */
const MOST_STATES = 50_000;
const BATCH = 256;
const MOST_BATCHES = 32;
const LONGEST_RUN = 2_000;

/**
 * Teaches the machine what actors may do before all of them are let loose: what
 * is not known then costs a round of the search. Every two actors are tried with
 * the others standing still, then runs are drawn until a batch of them shows
 * nothing new. Nothing that is met here counts.
 * @throws Stopped when the watch says so
 */
export function learn(
  machine: Machine,
  reductions: Reductions,
  conditions: ConditionTable,
  bounds: Bounds,
): void {
  const actors = machine.initialNodes.length;
  if (actors < 3) return;
  for (let a = 1; a <= actors; a++)
    for (let b = a + 1; b <= actors; b++) {
      const few = { ...bounds, maxStates: Math.min(bounds.maxStates, MOST_STATES) };
      const options = { bounds: few, goesOn: true, moving: (1 << a) | (1 << b) };
      for (let isStale = true; isStale;) {
        const round = new ReducedRound(machine, reductions, conditions, options).run();
        if (round.stop && round.stop !== 'states') throw new Stopped(round.stop);
        isStale = round.isStale && round.stop === undefined;
      }
    }
  learnFromRuns(machine, bounds);
}

function learnFromRuns(machine: Machine, { watch }: Bounds): void {
  const strategy = { name: '', members: [randomMember, pctMember(3), randomMember, pctMember(5)] };
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const before = machine.automaton.edges;
    const stop = watch?.({ states: 0, frontier: 1, transitions: 0 });
    if (stop) throw new Stopped(stop);
    const first = batch * BATCH;
    draw(machine, strategy, { runs: BATCH, seed: 1, first, maxSteps: LONGEST_RUN });
    if (machine.automaton.edges === before) return;
  }
}
