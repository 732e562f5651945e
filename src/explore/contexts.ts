import { BLOCKED, FINE, type Machine } from '../core/machine.js';
import { scheduleTo } from './ancestry.js';
import { boundText, isOutOfMemory, NO_MORE_MEMORY, WATCHED } from './bounds.js';
import type { Bound, Bounds, Reached, Stop } from './bounds.js';
import { ConditionTable } from './conditions.js';
import { counted } from './counted.js';
import { IntList } from './ints.js';
import { hashRow, StateTable } from './states.js';
import { CONDITION, DEADLOCK, type SearchResult } from './verdict.js';

/** The column of the actor that moved last; beyond any local state's number. */
const LAST = 0xff00;

/**
 * Iterative context bounding: first every run without a preemption, then with
 * one, and so on. A preemption is a switch away from an actor that could have
 * gone on. Most bugs need few, so where the states are too many to visit all,
 * this visits first what is most likely broken, and can say up to how many
 * preemptions nothing is.
 *
 * Musuvathi, Qadeer: Iterative Context Bounding for Systematic Testing of
 * Multithreaded Programs, PLDI 2007.
 */
export class ContextBoundedSearch {
  readonly states: StateTable;
  transitions = 0;
  /** Preemptions of the runs that are being visited. */
  preemptions = 0;
  private readonly actors: number;
  private readonly row: Int32Array;
  private readonly conditions: ConditionTable;
  /** The state that is to be expanded next. */
  private next = 0;
  /** Preempting moves, for the next bound: state, then actor and option. */
  private deferred = new IntList();
  private found: { property: string; id: number } | undefined;
  private witness = -1;

  constructor(
    private readonly machine: Machine,
    private readonly bounds: Bounds,
    /** Largest number of preemptions to try. */
    private readonly most = Infinity,
  ) {
    this.actors = machine.initialNodes.length;
    this.states = new StateTable(this.actors + 2);
    this.row = new Int32Array(this.actors + 2);
    this.conditions = new ConditionTable(machine);
  }

  run(): SearchResult {
    try {
      return this.search();
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      return this.undecided('memory', NO_MORE_MEMORY);
    }
  }

  private search(): SearchResult {
    const { row, bounds } = this;
    row[0] = this.machine.initialMemory;
    row.set(this.machine.initialNodes, 1);
    row[this.actors + 1] = LAST;
    this.store(-1);
    for (;;) {
      for (; this.next < this.states.count && !this.found; this.next++) {
        const stop = this.watched(this.next);
        if (stop) return this.undecided(stop);
        this.expand(this.next);
        if (this.states.count > bounds.maxStates) return this.undecided('states');
      }
      if (this.found) return this.violated();
      if (this.deferred.length === 0) return this.complete();
      if (this.preemptions === this.most) return this.undecided('preemptions');
      this.preemptions++;
      const stop = this.preempt();
      if (stop) return this.undecided(stop);
    }
  }

  private watched(turn: number): Stop | undefined {
    const { watch, watchEvery = WATCHED } = this.bounds;
    return turn % watchEvery === 0 ? watch?.(this.reached) : undefined;
  }

  get reached(): Reached {
    const { states, transitions, next } = this;
    return { states: states.count, frontier: states.count - next, transitions };
  }

  /** Takes the moves that were put off, now that they may be taken. */
  private preempt(): Stop | undefined {
    const moves = this.deferred;
    this.deferred = new IntList();
    for (let i = 0; i < moves.length && !this.found; i += 3) {
      const stop = this.watched(i / 3);
      if (stop) return stop;
      this.states.read(moves.at(i), this.row);
      this.move(moves.at(i), moves.at(i + 1), moves.at(i + 2));
    }
    return undefined;
  }

  private expand(id: number): void {
    const { machine, states, row, actors } = this;
    states.read(id, row);
    const last = row[actors + 1]! - LAST;
    const goesOn = last > 0 && this.enabledOptions(last).length > 0;
    let enabled = 0;
    let running = 0;
    for (let a = 1; a <= actors; a++) {
      if (machine.options[row[a]!] !== 0) running++;
      for (const option of this.enabledOptions(a)) {
        enabled++;
        if (goesOn && a !== last) this.defer(id, a, option);
        else this.move(id, a, option);
        if (this.found) return;
        states.read(id, row);
      }
    }
    if (enabled > 0) return;
    if (running > 0) this.found = { property: DEADLOCK, id };
    else this.onFinal(row[0]!, id);
  }

  private defer(id: number, a: number, option: number): void {
    this.deferred.push(id);
    this.deferred.push(a);
    this.deferred.push(option);
  }

  private enabledOptions(a: number): number[] {
    const { machine, row } = this;
    const options: number[] = [];
    for (let option = 0; option < machine.options[row[a]!]!; option++)
      if (machine.moves.memoryAt(machine.look(row[0]!, row[a]! + option)) !== BLOCKED)
        options.push(option);
    return options;
  }

  private move(from: number, a: number, option: number): void {
    const { machine, row } = this;
    const at = machine.look(row[0]!, row[a]! + option);
    row[0] = machine.moves.memoryAt(at);
    row[a] = machine.moves.nodeAt(at);
    row[this.actors + 1] = LAST + a;
    this.transitions++;
    this.store(from);
  }

  private store(parent: number): void {
    const id = this.states.add(this.row, hashRow(this.row), parent);
    if (id < 0) return;
    const { world, broken } = this.machine;
    const memory = this.row[0]!;
    const quantifier = world.condition?.quantifier;
    if (broken[memory] !== FINE)
      this.found = { property: world.properties[broken[memory]!]!.id, id };
    else if (quantifier === 'always' && !this.conditions.holds(memory))
      this.found = { property: CONDITION, id };
    else if (quantifier === 'never' && this.conditions.holds(memory))
      this.found = { property: CONDITION, id };
  }

  private onFinal(memory: number, id: number): void {
    const quantifier = this.machine.world.condition?.quantifier;
    if (!quantifier) return;
    const holds = this.conditions.holds(memory);
    if (quantifier === 'exists' && holds && this.witness < 0) this.witness = id;
    if (quantifier === 'not exists' && holds) this.found = { property: CONDITION, id };
    if (quantifier === 'forall' && !holds) this.found = { property: CONDITION, id };
  }

  private scheduleTo(id: number): SearchResult['schedule'] {
    return scheduleTo(this.machine, this.states, id, (row) => row[this.actors + 1]! - LAST);
  }

  private violated(): SearchResult {
    return this.result('violated', {
      property: this.found!.property,
      schedule: this.scheduleTo(this.found!.id),
      note: `no run with fewer than ${times(this.preemptions)} breaks anything`,
    });
  }

  /** A final state that satisfies an `exists`; what else there is goes on being checked. */
  private witnessed(): SearchResult['schedule'] {
    return this.witness < 0 ? null : this.scheduleTo(this.witness);
  }

  private complete(): SearchResult {
    const wanted = this.machine.world.condition?.quantifier === 'exists';
    const missing = wanted && this.witness < 0;
    return this.result(missing ? 'violated' : 'holds', {
      footing: 'exhaustive',
      property: missing ? CONDITION : null,
      schedule: this.witnessed(),
      note: `every run has at most ${times(this.preemptions)}, and all were tried`,
    });
  }

  private undecided(bound: Bound, hit = this.hit(bound)): SearchResult {
    const done = bound === 'preemptions' ? this.preemptions : this.preemptions - 1;
    const known =
      done < 0
        ? 'not even all runs without preemption were tried'
        : `nothing is broken by runs with at most ${times(done)}`;
    return this.result('undecided', {
      covered: { bound, frontier: this.reached.frontier, steps: null },
      schedule: this.witnessed(),
      note:
        this.witness < 0
          ? `${hit}; ${known}`
          : `${hit}; ${known}; a final state satisfies the condition`,
    });
  }

  private hit(bound: Bound): string {
    if (bound !== 'preemptions') return boundText(bound, this.bounds);
    return `bound hit: --max-preemptions ${this.most}`;
  }

  private result(
    verdict: SearchResult['verdict'],
    more: Partial<SearchResult> & { note: string },
  ): SearchResult {
    const counts = { states: this.states.count, transitions: this.transitions };
    return { ...counts, verdict, footing: null, property: null, schedule: null, ...more };
  }
}

const times = (n: number): string => counted(n, 'preemption');
