import type { Machine } from '../core/machine.js';
import { ConditionTable } from './conditions.js';
import type { Bounds } from './bounds.js';
import { ExhaustiveSearch } from './exhaustive.js';
import { reductionNames, type Reductions } from './reductions/options.js';
import { ReducedRound, type Round } from './reduced.js';
import type { SearchResult } from './verdict.js';

/**
 * Reduced search to a verdict: rounds are repeated until one learnt nothing
 * new. What a round meets is real, so a violation counts in any of them; that
 * nothing is broken counts only in the last.
 *
 * A violation is then looked for without reductions, breadth-first: the run
 * that is shown is a shortest one, and replays as it stands.
 */
export class ReducedSearch {
  /** Rounds run, for the benchmark. */
  rounds = 0;
  private last: ReducedRound | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly reductions: Reductions,
    private readonly bounds: Bounds,
  ) {}

  run(): SearchResult {
    const conditions = new ConditionTable(this.machine);
    for (;;) {
      const search = new ReducedRound(
        this.machine,
        this.reductions,
        this.bounds.maxStates,
        conditions,
      );
      this.last = search;
      this.rounds++;
      const round = search.run();
      if (round.broken) return this.shortest(round.broken);
      if (round.isOverBound) return this.outOfBounds();
      if (!round.isStale) return this.complete(search, round);
    }
  }

  private complete(search: ReducedRound, _round: Round): SearchResult {
    const quantifier = this.machine.world.condition?.quantifier;
    if (quantifier === 'exists') return this.shortest('condition');
    return {
      ...this.counts(),
      verdict: 'holds',
      footing: 'exhaustive',
      property: null,
      schedule: null,
      note: `${this.reached()}, ${search.finals} of them final`,
    };
  }

  /** The unreduced search stops at the first state that shows it. */
  private shortest(property: string): SearchResult {
    const found = new ExhaustiveSearch(this.machine, this.bounds).run();
    if (found.verdict !== 'undecided' || property === 'condition') return found;
    return {
      ...found,
      property,
      note: `${found.note}; a reduced search met a state that breaks ${property}`,
    };
  }

  private outOfBounds(): SearchResult {
    return {
      ...this.counts(),
      verdict: 'undecided',
      footing: null,
      property: null,
      schedule: null,
      note: `bound hit: --max-states ${this.bounds.maxStates} (${reductionNames(this.reductions)})`,
    };
  }

  private reached(): string {
    return `every state accounted for, ${this.last!.states.count} stored (${reductionNames(this.reductions)})`;
  }

  private counts(): { states: number; transitions: number } {
    return { states: this.last!.states.count, transitions: this.last!.transitions };
  }
}
