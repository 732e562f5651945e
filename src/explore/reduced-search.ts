import { EngineError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import type { Schedule } from '../core/schedule.js';
import { boundText, isOutOfMemory, Stopped, type Bounds, type Stop } from './bounds.js';
import { ConditionTable } from './conditions.js';
import { counted } from './counted.js';
import { ExhaustiveSearch } from './exhaustive.js';
import { Teacher } from './learn.js';
import { ReducedRound, type Round } from './reduced.js';
import { reductionNames, type Reductions } from './reductions/options.js';
import { Orbits } from './reductions/orbits.js';
import type { SearchResult } from './verdict.js';

/** Batches of runs without news that are drawn before each round. */
const QUIET = [2, 4, 8];

/**
 * Reduced search to a verdict: rounds are repeated until one learnt nothing
 * that matters. What a round meets is real, so a violation counts in any of
 * them; that nothing is broken counts only in the last.
 *
 * A violation is then looked for without reductions, breadth-first: the run
 * that is shown is a shortest one, and replays as it stands.
 */
export class ReducedSearch {
  /** Rounds of the whole search, for the benchmark. */
  rounds = 0;
  private last: ReducedRound | undefined;
  private used: Reductions;

  constructor(
    private readonly machine: Machine,
    asked: Reductions,
    private readonly bounds: Bounds,
  ) {
    this.used = asked;
  }

  run(): SearchResult {
    const { machine, bounds } = this;
    const conditions = new ConditionTable(machine);
    machine.keepFootprints();
    try {
      const teacher = new Teacher(machine, bounds);
      teacher.tryPairs(this.used, conditions);
      return this.search(conditions, teacher);
    } catch (error) {
      if (error instanceof Stopped) return this.outOfBounds(error.stop, 1);
      if (isOutOfMemory(error)) return this.outOfBounds('memory', 1);
      throw error;
    }
  }

  private search(conditions: ConditionTable, teacher: Teacher): SearchResult {
    const { machine, bounds } = this;
    let orbits = this.used.symmetry ? orbitsOf(machine) : undefined;
    for (;;) {
      // What comes late costs more: the longer a round was, the longer it is worth to draw runs.
      teacher.drawRuns(QUIET[Math.min(this.rounds, QUIET.length - 1)]!);
      if (orbits && !orbits.isSound(conditions)) orbits = this.withoutSymmetry();
      const search = new ReducedRound(machine, this.used, conditions, { bounds, orbits });
      this.last = search;
      this.rounds++;
      const round = orbits ? unlessRefuted(search) : search.run();
      if (round?.stop) return this.outOfBounds(round.stop, round.frontier);
      if (round?.isStale && !round.broken) continue;
      if (round && (!orbits || orbits.isSound(conditions))) {
        // The images of moves may have shown what actors do under other names.
        if (!round.broken && !search.isUpToDate()) continue;
        return round.broken ? this.violated(round.broken, search, conditions) : this.complete();
      }
      // Not symmetric after all: what was stored may be no state at all.
      orbits = this.withoutSymmetry();
    }
  }

  private withoutSymmetry(): undefined {
    this.used = { ...this.used, symmetry: false };
    return undefined;
  }

  private complete(): SearchResult {
    const { finals, states } = this.last!;
    const quantifier = this.machine.world.condition?.quantifier;
    if (quantifier === 'exists') return this.shortest();
    return {
      ...this.counts(),
      verdict: 'holds',
      footing: 'exhaustive',
      property: null,
      schedule: null,
      note: `every state accounted for, ${states.count} stored (${reductionNames(this.used)}), ${finals} of them final`,
    };
  }

  /** By a shortest run, or by some run where too many states are in its way. */
  private violated(
    property: string,
    search: ReducedRound,
    conditions: ConditionTable,
  ): SearchResult {
    const found = this.shortest();
    if (found.verdict !== 'undecided') return found;
    const run = this.used.symmetry
      ? this.unsymmetric(conditions)
      : { property, schedule: search.schedule() };
    if (!run) return found;
    const note = `not a shortest run, which is not known: ${found.note}`;
    return {
      ...this.counts(),
      verdict: 'violated',
      footing: null,
      ...run,
      note,
    };
  }

  /** A run to what is broken, of a search whose actors keep their names. */
  private unsymmetric(
    conditions: ConditionTable,
  ): { property: string; schedule: Schedule } | undefined {
    const used = { ...this.used, symmetry: false };
    const search = new ReducedRound(this.machine, used, conditions, { bounds: this.bounds });
    const { broken } = search.run();
    return broken ? { property: broken, schedule: search.schedule() } : undefined;
  }

  /** The unreduced search stops at the first state that shows it. */
  private shortest(): SearchResult {
    return new ExhaustiveSearch(this.machine, this.bounds).run();
  }

  private outOfBounds(stop: Stop | 'states', frontier: number): SearchResult {
    const bound = boundText(stop, this.bounds);
    return {
      ...this.counts(),
      verdict: 'undecided',
      footing: null,
      property: null,
      schedule: null,
      covered: { bound: stop, frontier, steps: null },
      note: `${bound}; ${counted(frontier, 'state')} not expanded (${reductionNames(this.used)})`,
    };
  }

  private counts(): { states: number; transitions: number } {
    return { states: this.last?.states.count ?? 0, transitions: this.last?.transitions ?? 0 };
  }
}

/** A state that cannot be, which only a false symmetry leads to, may fail to run. */
function unlessRefuted(search: ReducedRound): Round | undefined {
  try {
    return search.run();
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

function orbitsOf(machine: Machine): Orbits | undefined {
  const orbits = new Orbits(machine);
  return orbits.isTrivial ? undefined : orbits;
}
