import { BLOCKED, FINE, type Machine } from '../core/machine.js';
import type { Decision, Schedule } from '../core/schedule.js';
import type { Condition } from '../core/world.js';
import type { Bounds } from './bounds.js';
import { hashMemory, hashNode, hashRow, StateTable } from './states.js';
import { CONDITION, DEADLOCK, type SearchResult } from './verdict.js';

/**
 * Breadth-first search of every reachable state. The first broken state it
 * meets is one that fewest steps lead to.
 *
 * In each state every property is decided (the verdict is a function of the
 * memory and was computed when that memory first appeared), deadlock is
 * checked, and so is the condition, where its quantifier asks.
 */
export class ExhaustiveSearch {
  readonly states: StateTable;
  transitions = 0;
  private readonly actors: number;
  private readonly row: Int32Array;
  private readonly verdictOf: ConditionTable;
  private finals = 0;
  /** First final state that satisfies an `exists`; the search goes on. */
  private witness = -1;

  constructor(
    private readonly machine: Machine,
    private readonly bounds: Bounds,
  ) {
    this.actors = machine.initialNodes.length;
    this.states = new StateTable(this.actors + 1);
    this.row = new Int32Array(this.actors + 1);
    this.verdictOf = new ConditionTable(machine);
  }

  run(): SearchResult {
    const { row, states } = this;
    row[0] = this.machine.initialMemory;
    row.set(this.machine.initialNodes, 1);
    states.add(row, hashRow(row), -1);
    const atStart = this.machine.broken[this.machine.initialMemory]!;
    if (atStart !== FINE) return this.broken(this.machine.world.properties[atStart]!.id, 0);
    for (let id = 0; id < states.count; id++) {
      const found = this.expand(id);
      if (found) return found;
      if (states.count > this.bounds.maxStates) return this.outOfBounds();
    }
    return this.complete();
  }

  /** Visits the successors of a state; a result means the search is over. */
  private expand(id: number): SearchResult | undefined {
    const { machine, row, states, actors } = this;
    const { moves, broken, options } = machine;
    states.read(id, row);
    const memory = row[0]!;
    const early = this.onState(memory, id);
    if (early) return early;
    const hash = hashRow(row) ^ hashMemory(memory);
    let enabled = 0;
    let running = 0;
    for (let a = 1; a <= actors; a++) {
      const node = row[a]!;
      const count = options[node]!;
      if (count !== 0) running++;
      for (let option = 0; option < count; option++) {
        const at = machine.look(memory, node + option);
        const memoryAfter = moves.memoryAt(at);
        if (memoryAfter === BLOCKED) continue;
        enabled++;
        const nodeAfter = moves.nodeAt(at);
        row[0] = memoryAfter;
        row[a] = nodeAfter;
        const after = hash ^ hashMemory(memoryAfter) ^ hashNode(node) ^ hashNode(nodeAfter);
        const added = states.add(row, after, id);
        const bad = broken[memoryAfter]!;
        if (added >= 0 && bad !== FINE)
          return this.broken(machine.world.properties[bad]!.id, added);
      }
      row[0] = memory;
      row[a] = node;
    }
    this.transitions += enabled;
    if (enabled > 0) return undefined;
    if (running > 0) return this.broken(DEADLOCK, id);
    return this.onFinal(memory, id);
  }

  private onState(memory: number, id: number): SearchResult | undefined {
    const condition = this.machine.world.condition;
    if (condition?.quantifier === 'always' && !this.verdictOf.holds(condition, memory))
      return this.broken(CONDITION, id);
    if (condition?.quantifier === 'never' && this.verdictOf.holds(condition, memory))
      return this.broken(CONDITION, id);
    return undefined;
  }

  private onFinal(memory: number, id: number): SearchResult | undefined {
    this.finals++;
    const condition = this.machine.world.condition;
    if (!condition) return undefined;
    const holds = this.verdictOf.holds(condition, memory);
    if (condition.quantifier === 'exists' && holds && this.witness < 0) this.witness = id;
    if (condition.quantifier === 'not exists' && holds) return this.broken(CONDITION, id);
    if (condition.quantifier === 'forall' && !holds) return this.broken(CONDITION, id);
    return undefined;
  }

  private complete(): SearchResult {
    const wanted = this.machine.world.condition?.quantifier === 'exists';
    const missing = wanted && this.witness < 0;
    const note = `every state visited, ${this.finals} of them final`;
    return {
      ...this.counts(),
      verdict: missing ? 'violated' : 'holds',
      footing: 'exhaustive',
      property: missing ? CONDITION : null,
      schedule: this.witnessed(),
      note: missing
        ? `${note}; no final state satisfies the condition`
        : wanted
          ? `${note}; one that satisfies the condition is shown`
          : note,
    };
  }

  private witnessed(): Schedule | null {
    return this.witness < 0 ? null : this.scheduleTo(this.witness);
  }

  private broken(property: string, id: number): SearchResult {
    const schedule = this.scheduleTo(id);
    return {
      ...this.counts(),
      verdict: 'violated',
      footing: 'exhaustive',
      property,
      schedule,
      note: 'breadth-first: no shorter run breaks it',
    };
  }

  private outOfBounds(): SearchResult {
    const bound = `bound hit: --max-states ${this.bounds.maxStates}`;
    return {
      ...this.counts(),
      verdict: 'undecided',
      footing: null,
      property: null,
      schedule: this.witnessed(),
      note: this.witness < 0 ? bound : `${bound}; a final state satisfies the condition`,
    };
  }

  private counts(): { states: number; transitions: number } {
    return { states: this.states.count, transitions: this.transitions };
  }

  /** The decisions that lead to a state, found again from its ancestors. */
  private scheduleTo(id: number): Schedule {
    const decisions: Decision[] = [];
    for (let at = id; this.states.parent(at) >= 0; at = this.states.parent(at))
      decisions.unshift(this.decisionBetween(this.states.parent(at), at));
    return decisions;
  }

  private decisionBetween(from: number, to: number): Decision {
    const before = new Int32Array(this.actors + 1);
    const after = new Int32Array(this.actors + 1);
    this.states.read(from, before);
    this.states.read(to, after);
    for (let a = 1; a <= this.actors; a++) {
      const same = before.every((word, i) => i === 0 || i === a || word === after[i]);
      if (!same) continue;
      for (let option = 0; option < this.machine.options[before[a]!]!; option++) {
        const at = this.machine.look(before[0]!, before[a]! + option);
        const { moves } = this.machine;
        if (moves.memoryAt(at) === after[0] && moves.nodeAt(at) === after[a])
          return { actor: a - 1, option };
      }
    }
    throw new Error('unreachable: a state that no move of its parent leads to');
  }
}

/** Memo of a condition's truth, per memory. */
class ConditionTable {
  private readonly known = new Map<number, boolean>();
  constructor(private readonly machine: Machine) {}
  holds(condition: Condition, memory: number): boolean {
    let truth = this.known.get(memory);
    if (truth === undefined)
      this.known.set(memory, (truth = this.machine.inspect(memory, condition.holds)));
    return truth;
  }
}
