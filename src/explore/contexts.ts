import { BLOCKED, FINE, type Machine } from '../core/machine.js';
import type { Decision, Schedule } from '../core/schedule.js';
import { ConditionTable } from './conditions.js';
import type { Bounds } from './bounds.js';
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
  private readonly decisions: Decision[] = [];
  /** Preempting moves, for the next bound: state, then actor and option. */
  private deferred: number[] = [];
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
    const { row } = this;
    row[0] = this.machine.initialMemory;
    row.set(this.machine.initialNodes, 1);
    row[this.actors + 1] = LAST;
    this.store(-1, { actor: 0, option: 0 });
    for (let id = 0; ; this.preemptions++) {
      for (; id < this.states.count && !this.found; id++) {
        this.expand(id);
        if (this.states.count > this.bounds.maxStates) return this.undecided('--max-states');
      }
      if (this.found) return this.violated();
      if (this.witness >= 0) return this.witnessed();
      if (this.deferred.length === 0) return this.complete();
      if (this.preemptions === this.most) return this.undecided('--max-preemptions');
      this.preempt();
    }
  }

  /** Takes the moves that were put off, now that they may be taken. */
  private preempt(): void {
    const moves = this.deferred;
    this.deferred = [];
    for (let i = 0; i < moves.length && !this.found; i += 3) {
      this.states.read(moves[i]!, this.row);
      this.move(moves[i]!, moves[i + 1]!, moves[i + 2]!);
    }
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
        if (goesOn && a !== last) this.deferred.push(id, a, option);
        else this.move(id, a, option);
        if (this.found) return;
        states.read(id, row);
      }
    }
    if (enabled > 0) return;
    if (running > 0) this.found = { property: DEADLOCK, id };
    else this.onFinal(row[0]!, id);
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
    this.store(from, { actor: a - 1, option });
  }

  private store(parent: number, decision: Decision): void {
    const id = this.states.add(this.row, hashRow(this.row), parent);
    if (id < 0) return;
    this.decisions[id] = decision;
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

  private scheduleTo(id: number): Schedule {
    const schedule: Decision[] = [];
    for (let at = id; this.states.parent(at) >= 0; at = this.states.parent(at))
      schedule.push(this.decisions[at]!);
    return schedule.toReversed();
  }

  private violated(): SearchResult {
    return this.result('violated', {
      property: this.found!.property,
      schedule: this.scheduleTo(this.found!.id),
      note: `no run with fewer than ${times(this.preemptions)} breaks anything`,
    });
  }

  private witnessed(): SearchResult {
    return this.result('holds', {
      schedule: this.scheduleTo(this.witness),
      note: `a final state that satisfies the condition takes ${times(this.preemptions)}`,
    });
  }

  private complete(): SearchResult {
    const missing = this.machine.world.condition?.quantifier === 'exists';
    return this.result(missing ? 'violated' : 'holds', {
      footing: 'exhaustive',
      property: missing ? CONDITION : null,
      note: `every run has at most ${times(this.preemptions)}, and all were tried`,
    });
  }

  private undecided(bound: string): SearchResult {
    const limit = bound === '--max-states' ? this.bounds.maxStates : this.most;
    const done = bound === '--max-states' ? this.preemptions - 1 : this.preemptions;
    const covered = done < 0 ? 'not even without preemption' : `at most ${times(done)}`;
    return this.result('undecided', {
      note: `bound hit: ${bound} ${limit}; nothing is broken by runs with ${covered}`,
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

const times = (n: number): string => (n === 1 ? '1 preemption' : `${n} preemptions`);
