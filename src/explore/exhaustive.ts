import { FINE, type Machine } from '../core/machine.js';
import type { Schedule } from '../core/schedule.js';
import { scheduleTo } from './ancestry.js';
import { boundText, coveredText, isOutOfMemory, NO_MORE_MEMORY, WATCHED } from './bounds.js';
import type { Bound, Bounds, Reached } from './bounds.js';
import { ConditionTable } from './conditions.js';
import { hashRow, StateTable } from './states.js';
import type { Visited } from './visited.js';
import { NO_MORE, Successors } from './successors.js';
import { CONDITION, DEADLOCK, type SearchResult } from './verdict.js';

/** Where a search stands: with its states, all that it takes to go on from there. */
export type Position = {
  /** The state that is to be expanded next; those before it have been. */
  next: number;
  /** Steps from the start to that state. */
  depth: number;
  /** The first state that takes more steps. */
  levelEnd: number;
  transitions: number;
  finals: number;
  /** First final state that satisfies an `exists`; the search goes on. */
  witness: number;
  /** States of the deepest level allowed that have successors nobody has stored. */
  beyond: number;
};

/**
 * Breadth-first search of every reachable state. The first broken state it
 * meets is one that fewest steps lead to.
 *
 * In each state every property is decided (the verdict is a function of the
 * memory and was computed when that memory first appeared), deadlock is
 * checked, and so is the condition, where its quantifier asks.
 */
export class ExhaustiveSearch<States extends Visited = StateTable> {
  readonly states: States;
  readonly position: Position;
  private readonly successors: Successors;
  private readonly conditions: ConditionTable;

  /** @param states an empty set to keep the states in; all of each unless given. */
  constructor(
    private readonly machine: Machine,
    private readonly bounds: Bounds,
    states?: States,
  ) {
    // What States is where none is given.
    const whole: Visited = new StateTable(machine.initialNodes.length + 1);
    this.states = states ?? (whole as States);
    this.successors = new Successors(machine, this.states);
    this.conditions = new ConditionTable(machine);
    const none = { transitions: 0, finals: 0, witness: -1, beyond: 0 };
    this.position = { next: 0, depth: 0, levelEnd: 1, ...none };
  }

  /** Searches from where it stands. */
  run(): SearchResult {
    try {
      return this.search();
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      return this.undecided('memory', NO_MORE_MEMORY);
    }
  }

  private search(): SearchResult {
    const { states, bounds, position } = this;
    const { watch, watchEvery = WATCHED } = bounds;
    if (states.count === 0) {
      const found = this.begin();
      if (found) return found;
    }
    while (position.next < states.count) {
      if (position.next === position.levelEnd) {
        position.depth++;
        position.levelEnd = states.count;
      }
      const stop = position.next % watchEvery === 0 ? watch?.(this.reached) : undefined;
      if (stop) return this.undecided(stop);
      const found = this.expand(position.next, position.depth === bounds.maxDepth);
      if (found) return found;
      position.next++;
      if (states.count > bounds.maxStates) return this.undecided('states');
    }
    return position.beyond > 0 ? this.undecided('depth') : this.complete();
  }

  get transitions(): number {
    return this.position.transitions;
  }

  get reached(): Reached {
    const { count } = this.states;
    const { next, transitions, depth } = this.position;
    return { states: count, frontier: count - next, transitions, depth };
  }

  private begin(): SearchResult | undefined {
    const { machine } = this;
    const row = Int32Array.of(machine.initialMemory, ...machine.initialNodes);
    this.states.add(row, hashRow(row), -1);
    const bad = machine.broken[machine.initialMemory]!;
    return bad === FINE ? undefined : this.broken(machine.world.properties[bad]!.id, 0);
  }

  /**
   * Visits the successors of a state; a result means the search is over.
   * @param isLast look at the state itself, but store no successor
   */
  private expand(id: number, isLast: boolean): SearchResult | undefined {
    const { machine, successors } = this;
    const { broken } = machine;
    successors.of(id);
    const { memory, running } = successors;
    const early = this.onState(memory, id);
    if (early) return early;
    if (isLast) {
      if (successors.leavesStored()) this.position.beyond++;
    } else
      for (let added; (added = successors.next()) !== NO_MORE;) {
        const bad = broken[successors.memoryAfter]!;
        if (bad !== FINE) return this.broken(machine.world.properties[bad]!.id, added);
      }
    const { enabled } = successors;
    this.position.transitions += enabled;
    if (enabled > 0) return undefined;
    if (running > 0) return this.broken(DEADLOCK, id);
    return this.onFinal(memory, id);
  }

  private onState(memory: number, id: number): SearchResult | undefined {
    const quantifier = this.machine.world.condition?.quantifier;
    if (quantifier !== 'always' && quantifier !== 'never') return undefined;
    const isFine = this.conditions.holds(memory) === (quantifier === 'always');
    return isFine ? undefined : this.broken(CONDITION, id);
  }

  private onFinal(memory: number, id: number): SearchResult | undefined {
    const { position } = this;
    position.finals++;
    const quantifier = this.machine.world.condition?.quantifier;
    if (!quantifier) return undefined;
    const holds = this.conditions.holds(memory);
    if (quantifier === 'exists' && holds && position.witness < 0) position.witness = id;
    if (quantifier === 'not exists' && holds) return this.broken(CONDITION, id);
    if (quantifier === 'forall' && !holds) return this.broken(CONDITION, id);
    return undefined;
  }

  private complete(): SearchResult {
    const wanted = this.machine.world.condition?.quantifier === 'exists';
    const missing = wanted && this.position.witness < 0;
    const note = `every state visited, ${this.position.finals} of them final`;
    return this.result(missing ? 'violated' : 'holds', {
      footing: 'exhaustive',
      property: missing ? CONDITION : null,
      schedule: this.witnessed(),
      note: missing
        ? `${note}; no final state satisfies the condition`
        : wanted
          ? `${note}; one that satisfies the condition is shown`
          : note,
    });
  }

  private witnessed(): SearchResult['schedule'] {
    const { witness } = this.position;
    return witness < 0 ? null : this.scheduleTo(witness);
  }

  private broken(property: string, id: number): SearchResult {
    return this.result('violated', {
      footing: 'exhaustive',
      property,
      schedule: this.scheduleTo(id),
      note: 'breadth-first: no shorter run breaks it',
    });
  }

  private scheduleTo(id: number): Schedule {
    return this.states.scheduleTo?.(id) ?? scheduleTo(this.machine, this.states, id);
  }

  /** What can be said where the search does not come, or did not come, to its end. */
  undecided(
    bound: Exclude<Bound, 'preemptions'>,
    hit = boundText(bound, this.bounds),
  ): SearchResult {
    const { next, depth, levelEnd, witness, beyond } = this.position;
    const steps = next === levelEnd ? depth : depth - 1;
    const covered = { bound, frontier: this.reached.frontier + beyond, steps };
    const note = `${hit}; ${coveredText(covered)}`;
    return this.result('undecided', {
      covered,
      schedule: this.witnessed(),
      note: witness < 0 ? note : `${note}; a final state satisfies the condition`,
    });
  }

  private result(
    verdict: SearchResult['verdict'],
    more: Partial<SearchResult> & { note: string },
  ): SearchResult {
    const counts = { states: this.states.count, transitions: this.transitions };
    return { ...counts, verdict, footing: null, property: null, schedule: null, ...more };
  }
}
