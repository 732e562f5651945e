import { EngineError } from '../../core/errors.js';
import type { Decision, Schedule } from '../../core/schedule.js';
import { NEW, UNKNOWN, type Batch } from '../table/batch.js';
import { Parents } from '../table/parents.js';
import type { Visited } from '../visited.js';
import { Frontier } from './frontier.js';
import { StateHash } from './hash.js';
import { SignatureSet } from './signatures.js';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
/** Words that a batch has of a state before the state itself: its signature. */
const SIGNATURE = 2;

/**
 * Visited set that keeps a signature of each state, and whole states only until
 * they have been expanded. Two states with one signature are taken for the same:
 * the second, and what only it leads to, is missed. Who moved is kept for each
 * state, so that the run to it can be had all the same.
 *
 * Wolper, Leroy: Reliable Hashing without Collision Detection, CAV 1993. Stern,
 * Dill: A New Scheme for Memory-Efficient Probabilistic Verification, FORTE 1996.
 */
export class Compacted implements Visited {
  private readonly signatures: SignatureSet;
  private readonly hash: StateHash;
  private readonly frontier: Frontier;
  private readonly parents = new Parents();
  /** Per state the actor, in the high byte, and its option. */
  private readonly decisions: Uint16Array[] = [];
  private readonly row: Int32Array;
  /** Keeps reads for their own sake from being optimized away. */
  private sink = 0;

  /** @param bits of a signature, 2 to 64. */
  constructor(
    readonly width: number,
    bits: number,
    seed: number,
  ) {
    this.signatures = new SignatureSet(bits);
    this.hash = new StateHash(width, seed);
    this.frontier = new Frontier(width);
    this.row = new Int32Array(width);
  }

  get count(): number {
    return this.frontier.count;
  }
  get epoch(): number {
    return this.signatures.epoch;
  }
  get bits(): number {
    return this.signatures.bits;
  }

  read(id: number, row: Int32Array, at = 0): void {
    this.frontier.read(id, row, at);
  }

  parent(id: number): number {
    return this.parents.at(id);
  }

  add(row: Int32Array, _hash: number, parent: number, column = 1, option = 0): number {
    const { signatures, hash } = this;
    const low = signatures.lowOf(hash.word(0, row, 0));
    const high = signatures.highOf(hash.word(1, row, 0));
    const slot = signatures.seek(low, high, signatures.home(low));
    if (slot >= 0) return NEW;
    signatures.put(~slot, low, high);
    return this.enter(row, 0, parent, column, option);
  }

  find(row: Int32Array): number {
    const { signatures, hash } = this;
    const low = signatures.lowOf(hash.word(0, row, 0));
    const high = signatures.highOf(hash.word(1, row, 0));
    return signatures.seek(low, high, signatures.home(low)) >= 0 ? 0 : NEW;
  }

  stage(batch: Batch, id: number, column: number, memory: number, node: number): boolean {
    const { signatures, hash, row, width } = this;
    this.frontier.read(id, row, 0);
    row[0] = memory;
    row[column] = node;
    batch.reserve(SIGNATURE + width);
    const at = batch.count * (SIGNATURE + width);
    const low = (batch.packed[at] = signatures.lowOf(hash.word(0, row, 0)));
    batch.packed[at + 1] = signatures.highOf(hash.word(1, row, 0));
    for (let c = 0; c < width; c++) batch.packed[at + SIGNATURE + c] = row[c]!;
    batch.push(low, NEW);
    return true;
  }

  locate(batch: Batch): void {
    const { signatures } = this;
    const { id, slot, hash, packed, count } = batch;
    const words = SIGNATURE + this.width;
    for (let i = 0; i < count; i++) {
      slot[i] = signatures.home(hash[i]!);
      this.sink ^= signatures.peek(slot[i]!);
    }
    for (let i = 0; i < count; i++) {
      if (id[i] === UNKNOWN) continue;
      const found = signatures.seek(hash[i]!, packed[i * words + 1]! >>> 0, slot[i]!);
      id[i] = found >= 0 ? 0 : NEW;
      slot[i] = found >= 0 ? found : ~found;
    }
  }

  addLocated(batch: Batch, index: number, parent: number, column: number, option: number): number {
    const { signatures } = this;
    const at = index * (SIGNATURE + this.width);
    const low = batch.packed[at]!;
    const high = batch.packed[at + 1]! >>> 0;
    const slot = signatures.seek(low, high, batch.slot[index]!);
    if (slot >= 0) return NEW;
    signatures.put(~slot, low, high);
    return this.enter(batch.packed, at + SIGNATURE, parent, column, option);
  }

  scheduleTo(id: number): Schedule {
    const schedule: Decision[] = [];
    for (let at = id, from; (from = this.parent(at)) >= 0; at = from) {
      const decision = this.decisions[at >> CHUNK_BITS]![at & (CHUNK - 1)]!;
      schedule.push({ actor: decision >> 8, option: decision & 0xff });
    }
    return schedule.toReversed();
  }

  /** Bytes held, for the benchmark. */
  get bytes(): number {
    const { signatures, frontier, parents, decisions } = this;
    return signatures.bytes + frontier.bytes + parents.bytes + decisions.length * CHUNK * 2;
  }

  private enter(row: Int32Array, at: number, parent: number, column: number, option: number) {
    if (column > 256 || option > 255)
      throw new EngineError('too many actors or options for signatures');
    const id = this.count;
    if ((id & (CHUNK - 1)) === 0) this.decisions.push(new Uint16Array(CHUNK));
    this.decisions[id >> CHUNK_BITS]![id & (CHUNK - 1)] = ((column - 1) << 8) | option;
    this.parents.push(parent);
    this.frontier.push(row, at);
    return id;
  }
}
