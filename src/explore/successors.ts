import { EngineError } from '../core/errors.js';
import { BLOCKED, type Machine } from '../core/machine.js';
import { hashMemory, hashNode, hashRow } from './states.js';
import { Batch, longer, UNKNOWN } from './table/batch.js';
import type { Visited } from './visited.js';

/** States whose successors are looked up together. */
const BLOCK = 64;

/** What next() gives when a state has no further new successor. */
export const NO_MORE = -1;

/**
 * Successors of states that are expanded in the order of their numbers. A block
 * of states at a time, all that has been memoized of their moves is looked up
 * ahead; what is new is added, and what is untried is tried, only when its turn
 * comes. So everything gets the number that it would get one by one.
 */
export class Successors {
  /** Of the state turned to: its memory, actors that have not finished, enabled moves. */
  memory = 0;
  running = 0;
  enabled = 0;
  /** The memory of the successor that next() gave. */
  memoryAfter = 0;
  /** What edge() turned to. */
  target = 0;
  mover = 0;
  choice = 0;
  private state = 0;
  /** What is left of the state's part of the batch. */
  private at = 0;
  private upTo = 0;
  /** The states looked ahead at: from `begin` up to, without, `end`. */
  private begin = 0;
  private end = 0;
  private epoch = 0;
  private readonly rows: Int32Array;
  private readonly row: Int32Array;
  /** Per state of the block: where in the batch its successors begin; its running actors. */
  private readonly first = new Int32Array(BLOCK + 1);
  private readonly runners = new Int32Array(BLOCK);
  /** Every enabled move, and every untried one: its memory afterwards, its actor and its option. */
  private readonly batch = new Batch();
  private after: Int32Array = new Int32Array(256);
  private column: Int32Array = new Int32Array(256);
  private option: Int32Array = new Int32Array(256);
  /** Keeps reads for their own sake from being optimized away. */
  private sink = 0;

  constructor(
    private readonly machine: Machine,
    private readonly states: Visited,
  ) {
    this.row = new Int32Array(states.width);
    this.rows = new Int32Array(states.width * BLOCK);
  }

  /** Turns to a state. */
  of(id: number): void {
    if (id < this.begin || id >= this.end) this.lookAhead(id);
    const index = id - this.begin;
    this.state = id;
    this.at = this.first[index]!;
    this.upTo = this.first[index + 1]!;
    this.memory = this.rows[index * this.row.length]!;
    this.running = this.runners[index]!;
    this.enabled = this.upTo - this.at;
  }

  /** Adds successors up to one that is new, and gives its number, or NO_MORE. */
  next(): number {
    const { id } = this.batch;
    while (this.at < this.upTo) {
      const i = this.at++;
      if (id[i]! >= 0) continue;
      const added = this.add(i);
      if (added >= 0) return added;
    }
    return NO_MORE;
  }

  /**
   * Adds nothing. Turns to each successor in turn, whose numbers are in `target`
   * and whose actors' columns and options in `mover` and `choice`. False after the last.
   * @throws EngineError where one is not stored
   */
  edge(): boolean {
    while (this.at < this.upTo) {
      const i = this.at++;
      const known = this.batch.id[i]!;
      if (known < 0 && !this.take(i)) continue;
      this.target = known >= 0 ? known : this.states.find(this.row, hashRow(this.row));
      if (this.target < 0) throw new EngineError('the search has not visited every state');
      this.mover = this.column[i]!;
      this.choice = this.option[i]!;
      return true;
    }
    return false;
  }

  /** The node of the state turned to, in a column. */
  node(column: number): number {
    return this.rows[(this.state - this.begin) * this.row.length + column]!;
  }

  /** Adds nothing. Has the state a successor that is not stored? */
  leavesStored(): boolean {
    const { id } = this.batch;
    let leaves = false;
    while (this.at < this.upTo) {
      const i = this.at++;
      if (id[i]! < 0 && this.take(i)) leaves ||= this.states.find(this.row, hashRow(this.row)) < 0;
    }
    return leaves;
  }

  private add(i: number): number {
    if (this.batch.id[i] !== UNKNOWN && this.epoch === this.states.epoch) {
      this.memoryAfter = this.after[i]!;
      return this.states.addLocated(this.batch, i, this.state, this.column[i]!, this.option[i]!);
    }
    if (!this.take(i)) return NO_MORE;
    const hash = hashRow(this.row);
    return this.states.add(this.row, hash, this.state, this.column[i]!, this.option[i]!);
  }

  /** Makes `row` a successor of the state; false where the move turns out not to be enabled. */
  private take(i: number): boolean {
    const { machine, row, rows } = this;
    const from = (this.state - this.begin) * row.length;
    for (let c = 0; c < row.length; c++) row[c] = rows[from + c]!;
    const column = this.column[i]!;
    const at = machine.look(row[0]!, row[column]! + this.option[i]!);
    this.memoryAfter = machine.moves.memoryAt(at);
    if (this.memoryAfter === BLOCKED) {
      this.enabled--;
      return false;
    }
    row[0] = this.memoryAfter;
    row[column] = machine.moves.nodeAt(at);
    return true;
  }

  private lookAhead(from: number): void {
    const { states, rows, batch } = this;
    const width = this.row.length;
    const count = Math.min(BLOCK, states.count - from);
    for (let i = 0; i < count; i++) states.read(from + i, rows, i * width);
    this.sink ^= this.machine.moves.touch(rows, count * width, width);
    batch.count = 0;
    for (let i = 0; i < count; i++) {
      this.stage(from + i, i);
      this.first[i + 1] = batch.count;
    }
    states.locate(batch);
    this.epoch = states.epoch;
    this.begin = from;
    this.end = from + count;
  }

  /** Takes into the batch what is known of a state's successors. */
  private stage(id: number, index: number): void {
    const { batch, rows } = this;
    const { moves, options } = this.machine;
    const width = this.row.length;
    const begin = index * width;
    const memory = rows[begin]!;
    let hash = 0;
    for (let c = 1; c < width; c++) hash ^= hashNode(rows[begin + c]!);
    let running = 0;
    for (let c = 1; c < width; c++) {
      const node = rows[begin + c]!;
      const count = options[node]!;
      if (count !== 0) running++;
      for (let option = 0; option < count; option++) {
        const at = moves.find(memory, node + option);
        if (at >= 0 && moves.memoryAt(at) === BLOCKED) continue;
        const i = batch.count;
        if (i === this.option.length) this.grow();
        this.column[i] = c;
        this.option[i] = option;
        if (at < 0 || !this.stageMove(id, c, node, at, hash)) batch.push(0, UNKNOWN);
      }
    }
    this.runners[index] = running;
  }

  /** @param hash of the state's nodes. */
  private stageMove(id: number, column: number, node: number, at: number, hash: number): boolean {
    const { moves } = this.machine;
    const memory = moves.memoryAt(at);
    const nodeAfter = moves.nodeAt(at);
    this.after[this.batch.count] = memory;
    const after = hash ^ hashMemory(memory) ^ hashNode(node) ^ hashNode(nodeAfter);
    return this.states.stage(this.batch, id, column, memory, nodeAfter, after);
  }

  private grow(): void {
    this.after = longer(this.after);
    this.column = longer(this.column);
    this.option = longer(this.option);
  }
}
