import { BLOCKED, FINE, type Machine } from '../core/machine.js';
import { WATCHED, type Bounds, type Stop } from './bounds.js';
import type { ConditionTable } from './conditions.js';
import { Interference } from './reductions/interference.js';
import type { Orbits } from './reductions/orbits.js';
import type { Reductions } from './reductions/options.js';
import { PartialOrder } from './reductions/partial-order.js';
import { hashRow, StateTable } from './states.js';
import { CONDITION, DEADLOCK } from './verdict.js';

/** How a round ended. */
export interface Round {
  /** Property that a visited state breaks, with the last stored state before it. */
  readonly broken: string | undefined;
  /** Something new was learnt after the round had begun: it proves nothing. */
  readonly isStale: boolean;
  readonly stop: Stop | 'states' | undefined;
  /** States stored and not expanded. */
  readonly frontier: number;
}

export interface RoundOptions {
  readonly bounds: Bounds;
  /** Which state stands for those that are the same but for names. */
  readonly orbits?: Orbits | undefined;
  /** Go on past what is broken, to meet everything that is. */
  readonly goesOn?: boolean;
  /** Columns that move, a bit each: the others stand still, and the round proves nothing. */
  readonly moving?: number;
}

/**
 * One round of a reduced search, breadth-first over the states it stores. What
 * it may leave out it decides by what was known when it began of what actors
 * may do. If it learns more on the way, what it left out may have mattered:
 * the round is stale, and another one is needed.
 */
export class ReducedRound {
  readonly states: StateTable;
  transitions = 0;
  finals = 0;
  witness = -1;
  private readonly width: number;
  private readonly row: Int32Array;
  private readonly order: PartialOrder;
  private readonly others: Interference;
  /** States whose actors must all be tried. */
  private readonly isFull: boolean[] = [];
  /** States that were expanded in part before it turned out that they must be in full. */
  private readonly again: number[] = [];
  private found: string | undefined;
  /** Everything that was found broken, for who wants more than the first. */
  readonly met = new Set<string>();

  constructor(
    private readonly machine: Machine,
    private readonly reductions: Reductions,
    private readonly conditions: ConditionTable,
    private readonly options: RoundOptions,
  ) {
    this.width = machine.initialNodes.length + 1;
    this.states = new StateTable(this.width);
    this.row = new Int32Array(this.width);
    this.others = new Interference(machine, this.visible());
    this.order = new PartialOrder(this.others);
  }

  run(): Round {
    const { row, states, machine } = this;
    row[0] = machine.initialMemory;
    row.set(machine.initialNodes, 1);
    this.check(row[0]!);
    if (!this.found) this.store(row, -1, true);
    let checked = 256;
    for (let id = 0; id < states.count || this.again.length > 0;) {
      if (this.found) break;
      if (id === checked) {
        if (!this.others.isUpToDate()) break;
        checked *= 2;
      }
      if (id < states.count) this.expand(id++);
      else this.expand(this.again.pop()!);
      const stop = this.outOfBounds(id);
      if (stop) return this.ended(stop, states.count - id);
    }
    return this.ended(undefined, 0);
  }

  private ended(stop: Round['stop'], frontier: number): Round {
    return { broken: this.found, isStale: !this.others.isUpToDate(), stop, frontier };
  }

  private outOfBounds(id: number): Round['stop'] {
    const { maxStates, watch } = this.options.bounds;
    const { states, transitions } = this;
    if (states.count > maxStates) return 'states';
    if (id % WATCHED !== 0) return undefined;
    return watch?.({ states: states.count, frontier: states.count - id, transitions });
  }

  /** Cells of the condition, where it is checked in every state. */
  private visible(): Int32Array | undefined {
    const { condition } = this.machine.world;
    const always = condition?.quantifier === 'always' || condition?.quantifier === 'never';
    return always ? this.conditions.cells : undefined;
  }

  private expand(id: number): void {
    const { machine, states, row, width } = this;
    states.read(id, row);
    let enabled = 0;
    let unfinished = 0;
    for (let a = 1; a < width; a++) {
      if (machine.options[row[a]!] === 0 || !this.moves(a)) continue;
      unfinished |= 1 << a;
      if (this.canMove(row[0]!, row[a]!)) enabled |= 1 << a;
    }
    if (enabled === 0) {
      if (unfinished === 0) this.onFinal(row[0]!, id);
      else this.breaks(DEADLOCK);
      return;
    }
    const all = this.isFull[id] === true || !this.reductions.partialOrder;
    const set = all ? unfinished : this.order.smallest(row, enabled, unfinished);
    const memory = row[0]!;
    for (let a = 1; a < width; a++) {
      if (((set & enabled) >> a) % 2 === 0) continue;
      const count = machine.options[row[a]!]!;
      for (let option = 0; option < count; option++) {
        this.step(id, a, option);
        if (this.found) return;
        states.read(id, row);
        row[0] = memory;
      }
    }
  }

  private moves(a: number): boolean {
    return (((this.options.moving ?? -1) >> a) & 1) === 1;
  }

  private canMove(memory: number, node: number): boolean {
    const { machine } = this;
    const count = machine.options[node]!;
    for (let option = 0; option < count; option++)
      if (machine.moves.memoryAt(machine.look(memory, node + option)) !== BLOCKED) return true;
    return false;
  }

  /** Takes a step, runs on through what nobody can interfere with, stores where that ends. */
  private step(from: number, actor: number, option: number): void {
    const { machine, row, reductions } = this;
    let a = actor;
    let next = option;
    for (;;) {
      const at = machine.look(row[0]!, row[a]! + next);
      const memory = machine.moves.memoryAt(at);
      if (memory === BLOCKED) return;
      this.transitions++;
      row[0] = memory;
      row[a] = machine.moves.nodeAt(at);
      if (this.check(memory)) return;
      const restarted = machine.touches.isRetried[row[a]!] === true;
      const free = reductions.chains && !restarted ? this.freeActor(a) : 0;
      if (free === 0) {
        this.store(row, from, restarted);
        return;
      }
      a = free;
      next = 0;
    }
  }

  /** An actor whose only step is a persistent set, the last one first; or 0. */
  private freeActor(last: number): number {
    const { machine, row, width } = this;
    let unfinished = 0;
    for (let a = 1; a < width; a++)
      if (machine.options[row[a]!] !== 0 && this.moves(a)) unfinished |= 1 << a;
    for (let i = 0; i < width; i++) {
      const a = i === 0 ? last : i;
      if (i === last || machine.options[row[a]!] !== 1 || !this.moves(a)) continue;
      if (machine.moves.memoryAt(machine.look(row[0]!, row[a]!)) === BLOCKED) continue;
      if (this.order.isAlone(row, a, unfinished)) return a;
    }
    return 0;
  }

  private store(row: Int32Array, parent: number, isFull: boolean): void {
    this.options.orbits?.canonical(row);
    const added = this.states.add(row, hashRow(row), parent);
    const id = added < 0 ? ~added : added;
    if (!isFull || this.isFull[id]) return;
    this.isFull[id] = true;
    if (added < 0) this.again.push(id);
  }

  /** True where the search is to stop. */
  private check(memory: number): boolean {
    const { world, broken } = this.machine;
    const { condition } = world;
    if (broken[memory] !== FINE) this.breaks(world.properties[broken[memory]!]!.id);
    if (condition?.quantifier === 'always' && !this.conditions.holds(memory))
      this.breaks(CONDITION);
    if (condition?.quantifier === 'never' && this.conditions.holds(memory)) this.breaks(CONDITION);
    return this.found !== undefined;
  }

  private onFinal(memory: number, id: number): void {
    this.finals++;
    const quantifier = this.machine.world.condition?.quantifier;
    if (!quantifier) return;
    const holds = this.conditions.holds(memory);
    if (quantifier === 'exists' && holds && this.witness < 0) this.witness = id;
    if (quantifier === 'not exists' && holds) this.breaks(CONDITION);
    if (quantifier === 'forall' && !holds) this.breaks(CONDITION);
  }

  private breaks(property: string): void {
    this.met.add(property);
    if (!this.options.goesOn) this.found ??= property;
  }
}
