import { FINE, type Machine } from '../core/machine.js';
import { scheduleTo } from './ancestry.js';
import { boundText, isOutOfMemory, NO_MORE_MEMORY, WATCHED, type Bounds } from './bounds.js';
import { ConditionTable } from './conditions.js';
import { hashRow, StateTable } from './states.js';
import { NO_MORE, Successors } from './successors.js';
import { DEADLOCK } from './verdict.js';
import type { Schedule } from '../core/schedule.js';

/** Something that is the same, or not, in the states that are counted. */
export type Reads = () => number[];

/** States with the same values. */
export interface Counted {
  readonly values: readonly number[];
  count: number;
  /** How many of them satisfy the condition. */
  positive: number;
}

/**
 * Visits every state, breadth-first, and goes on past what is broken: it counts
 * the states by what they show, where a search for a verdict stops at the first.
 */
export class Survey {
  readonly states: StateTable;
  readonly counted = new Map<string, Counted>();
  transitions = 0;
  /** States in which no property is broken, and in which one is. */
  fine = 0;
  broken = 0;
  /** What is broken: the first state that shows it, in the order they were met. */
  readonly flags = new Map<string, number>();
  /** The first state that is counted and satisfies the condition, or does not. */
  firstPositive = -1;
  firstNegative = -1;
  /** Why it did not come to its end. */
  hit: string | undefined;
  private readonly successors: Successors;
  private readonly conditions: ConditionTable;
  private readonly keys: (string | undefined)[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly bounds: Bounds,
    private readonly reads: Reads,
  ) {
    this.states = new StateTable(machine.initialNodes.length + 1);
    this.successors = new Successors(machine, this.states);
    this.conditions = new ConditionTable(machine);
  }

  run(): this {
    const { states, bounds, machine } = this;
    const row = Int32Array.of(machine.initialMemory, ...machine.initialNodes);
    states.add(row, hashRow(row), -1);
    try {
      for (let id = 0; id < states.count && !this.hit; id++) {
        this.expand(id);
        if (states.count > bounds.maxStates) this.hit = boundText('states', bounds);
        const stop = id % WATCHED === 0 ? this.watched(id) : undefined;
        if (stop) this.hit = boundText(stop, bounds);
      }
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      this.hit = NO_MORE_MEMORY;
    }
    return this;
  }

  scheduleTo(id: number): Schedule {
    return scheduleTo(this.machine, this.states, id);
  }

  private watched(id: number) {
    const { count } = this.states;
    const reached = { states: count, frontier: count - id, transitions: this.transitions };
    return this.bounds.watch?.(reached);
  }

  private expand(id: number): void {
    const { machine, successors } = this;
    successors.of(id);
    const { memory, running } = successors;
    const bad = machine.broken[memory]!;
    if (bad === FINE) this.fine++;
    else {
      this.broken++;
      this.flag(machine.world.properties[bad]!.id, id);
    }
    while (successors.next() !== NO_MORE);
    const { enabled } = successors;
    this.transitions += enabled;
    if (enabled === 0 && running > 0) this.flag(DEADLOCK, id);
    const quantifier = machine.world.condition?.quantifier;
    const isCounted = quantifier === 'always' || quantifier === 'never';
    if (isCounted || (enabled === 0 && running === 0)) this.count(memory, id);
  }

  private flag(name: string, id: number): void {
    if (!this.flags.has(name)) this.flags.set(name, id);
  }

  private count(memory: number, id: number): void {
    const { machine, counted } = this;
    const holds = machine.world.condition ? this.conditions.holds(memory) : true;
    const key = (this.keys[memory] ??= machine.inspect(memory, this.reads).join(' '));
    let found = counted.get(key);
    if (!found) {
      const values = key === '' ? [] : key.split(' ').map(Number);
      counted.set(key, (found = { values, count: 0, positive: 0 }));
    }
    found.count++;
    if (holds) found.positive++;
    if (holds && this.firstPositive < 0) this.firstPositive = id;
    if (!holds && this.firstNegative < 0) this.firstNegative = id;
  }
}
