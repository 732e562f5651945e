import { EngineError } from '../core/errors.js';
import { BLOCKED, FINE, type Machine } from '../core/machine.js';
import { WATCHED, type Bounds, type Stop } from './bounds.js';
import { roomFor } from '../core/footprints.js';
import type { Decision, Schedule } from '../core/schedule.js';
import type { ConditionTable } from './conditions.js';
import { DepthFirst } from './depth-first.js';
import { Chains, ENDS } from './reductions/chains.js';
import { Interference } from './reductions/interference.js';
import type { Reductions } from './reductions/options.js';
import type { Orbits } from './reductions/orbits.js';
import { PartialOrder } from './reductions/partial-order.js';
import { hashRow, StateTable } from './states.js';
import { CONDITION, DEADLOCK } from './verdict.js';

/** How a round ended. */
export interface Round {
  /** Property that a visited state breaks. */
  readonly broken: string | undefined;
  /** Something that mattered was learnt after the round had begun: it proves nothing. */
  readonly isStale: boolean;
  readonly stop: Stop | 'states' | undefined;
  /** States stored and not done with. */
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

const ALL_COLUMNS = -1;
/** Sets of columns, and of properties, are the bits of a number. */
const MOST = 32;

/** States after which a round takes in for the first time what it has learnt, and for the next. */
const FIRST_LOOK = 256;
const NEXT_LOOK = 1.5;

/**
 * One round of a reduced search, depth-first over the states it stores. What it
 * may leave out it decides by what was known when it began of what actors may
 * do. If it learns more on the way, what it left out may have mattered: the
 * round is stale, and another one is needed.
 */
export class ReducedRound {
  readonly states: StateTable;
  transitions = 0;
  finals = 0;
  witness = -1;
  /** Everything that was found broken, for who wants more than the first. */
  readonly met = new Set<string>();
  private readonly width: number;
  private readonly row: Int32Array;
  private readonly order: PartialOrder;
  private readonly others: Interference;
  private readonly chains: Chains;
  private readonly path = new DepthFirst();
  /** The run to the state in hand: actor and option of each step. */
  private trail: Int32Array = new Int32Array(1024);
  private trailEnd = 0;
  private found: string | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly reductions: Reductions,
    private readonly conditions: ConditionTable,
    private readonly options: RoundOptions,
  ) {
    this.width = machine.initialNodes.length + 1;
    if (Math.max(this.width, machine.touches.properties.length + 1) >= MOST)
      throw new EngineError('a reduced search has at most 30 actors and 30 properties');
    this.states = new StateTable(this.width);
    this.row = new Int32Array(this.width);
    this.others = new Interference(machine, this.visible(), options.orbits?.irregular);
    this.order = new PartialOrder(this.others);
    this.chains = new Chains(machine, this.order, options.moving ?? ALL_COLUMNS);
  }

  run(): Round {
    const { row, machine, path } = this;
    row[0] = machine.initialMemory;
    row.set(machine.initialNodes, 1);
    this.check(row[0]!);
    if (!this.found) this.begin(this.store());
    let look = FIRST_LOOK;
    for (let n = 1; path.depth > 0 && !this.found; n++) {
      const stop = this.outOfBounds(n);
      if (stop) return this.ended(stop);
      if (this.states.count >= look) {
        if (!this.others.catchUp()) return this.ended(undefined, true);
        look *= NEXT_LOOK;
      }
      this.goOn();
    }
    return this.ended(undefined);
  }

  /**
   * A run to what was found broken, not a shortest one. Only without symmetry:
   * the path of a search with it is one of names that change.
   */
  schedule(): Schedule {
    const decisions: Decision[] = [];
    for (let i = 0; i < this.trailEnd; i += 2)
      decisions.push({ actor: this.trail[i]!, option: this.trail[i + 1]! });
    return decisions;
  }

  private ended(stop: Round['stop'], isLeft = false): Round {
    const isStale = isLeft || !this.others.catchUp();
    return { broken: this.found, isStale, stop, frontier: this.path.depth };
  }

  /** Has nothing been learnt since that would have changed a decision? */
  isUpToDate(): boolean {
    return this.others.catchUp();
  }

  private outOfBounds(n: number): Round['stop'] {
    const { maxStates, watch } = this.options.bounds;
    const { states, transitions } = this;
    if (states.count > maxStates) return 'states';
    if (n % WATCHED !== 0) return undefined;
    return watch?.({ states: states.count, frontier: this.path.depth, transitions });
  }

  /** Cells of the condition, where it is checked in every state. */
  private visible(): Int32Array | undefined {
    const { condition } = this.machine.world;
    const always = condition?.quantifier === 'always' || condition?.quantifier === 'never';
    return always ? this.conditions.cells : undefined;
  }

  /** A state that was met for the first time: which actors are to be tried there? */
  private begin(id: number): void {
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
    const isPart = this.reductions.partialOrder;
    const set = isPart ? this.order.smallest(row, enabled, unfinished) : enabled;
    this.path.enter(id, set & enabled, enabled, this.trailEnd);
  }

  /** Takes the next step of the last state of the path, or leaves that state. */
  private goOn(): void {
    const { path, states, row, machine } = this;
    const a = path.actor;
    if (a === 0) {
      path.leave();
      return;
    }
    states.read(path.id, row);
    const option = path.nextOption(machine.options[row[a]!]!);
    const added = this.step(a, option);
    if (added === undefined || this.found) return;
    if (added >= 0) this.begin(added);
    // A step that closes a cycle could put off for ever what is left out here.
    else if (path.contains(~added)) path.tryAll();
  }

  private moves(a: number): boolean {
    return (((this.options.moving ?? ALL_COLUMNS) >> a) & 1) === 1;
  }

  private canMove(memory: number, node: number): boolean {
    const { machine } = this;
    const count = machine.options[node]!;
    for (let option = 0; option < count; option++)
      if (machine.moves.memoryAt(machine.look(memory, node + option)) !== BLOCKED) return true;
    return false;
  }

  /**
   * Takes a step, runs on through what nobody can interfere with, stores where
   * that ends. @returns as StateTable.add(); undefined where the step is blocked
   */
  private step(actor: number, option: number): number | undefined {
    const { machine, row, reductions } = this;
    let a = actor;
    let next = option;
    this.trailEnd = this.path.begin;
    for (;;) {
      this.trail = roomFor(this.trail, this.trailEnd + 2);
      this.trail[this.trailEnd++] = a - 1;
      this.trail[this.trailEnd++] = next;
      const at = machine.look(row[0]!, row[a]! + next);
      const memory = machine.moves.memoryAt(at);
      if (memory === BLOCKED) return undefined;
      this.transitions++;
      row[0] = memory;
      row[a] = machine.moves.nodeAt(at);
      if (this.check(memory)) return undefined;
      const on = reductions.chains ? this.chains.next(row, a) : ENDS;
      if (on === ENDS) return this.store();
      a = on;
      next = 0;
    }
  }

  private store(): number {
    const { row } = this;
    this.options.orbits?.canonical(row);
    return this.states.add(row, hashRow(row), -1);
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
