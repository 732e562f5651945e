import type { Machine } from '../core/machine.js';
import { Stopped, type Bounds } from './bounds.js';
import type { ConditionTable } from './conditions.js';
import { ReducedRound } from './reduced.js';
import type { Reductions } from './reductions/options.js';
import { pctMember } from './sampling/pct.js';
import { randomMember } from './sampling/random.js';
import { Sampler } from './sampling/sample.js';

/** Learning is worth no more than a little of what it spares. */
const MOST_STATES = 50_000;
const BATCH = 32;
const LONGEST_RUN = 2_000;

const STRATEGY = {
  name: '',
  members: [randomMember, pctMember(3), randomMember, pctMember(5)],
};

/**
 * Teaches the machine what actors may do before all of them are let loose: what
 * is not known then costs a round of the search. Nothing that is met here counts.
 */
export class Teacher {
  private batches = 0;
  private sampler: Sampler | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly bounds: Bounds,
  ) {}

  /**
   * Tries every two actors with the others standing still.
   * @throws Stopped when the watch says so
   */
  tryPairs(reductions: Reductions, conditions: ConditionTable): void {
    const { machine, bounds } = this;
    const actors = machine.initialNodes.length;
    if (actors < 3) return;
    const few = { ...bounds, maxStates: Math.min(bounds.maxStates, MOST_STATES) };
    for (let a = 1; a <= actors; a++)
      for (let b = a + 1; b <= actors; b++) {
        const options = { bounds: few, goesOn: true, moving: (1 << a) | (1 << b) };
        for (let isStale = true; isStale;) {
          const round = new ReducedRound(machine, reductions, conditions, options).run();
          if (round.stop && round.stop !== 'states') throw new Stopped(round.stop);
          isStale = round.isStale && round.stop === undefined;
        }
      }
  }

  /**
   * Draws runs until so many batches in a row have shown nothing new.
   * @throws Stopped when the watch says so
   */
  drawRuns(quiet: number): void {
    const { machine, bounds } = this;
    for (let left = quiet; left > 0; left--) {
      const before = machine.automaton.edges + machine.touches.learnt;
      const stop = bounds.watch?.({ states: 0, frontier: 1, transitions: 0 });
      if (stop) throw new Stopped(stop);
      const first = BATCH * this.batches++;
      this.sampler ??= new Sampler(machine, STRATEGY, { seed: 1, maxSteps: LONGEST_RUN });
      this.sampler.draw(first, BATCH);
      if (machine.automaton.edges + machine.touches.learnt !== before) left = quiet + 1;
    }
  }
}
