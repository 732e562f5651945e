import type { Schedule } from '../core/schedule.js';
import type { Batch } from './table/batch.js';

/**
 * The states that a breadth-first search has met, numbered in the order in which
 * it met them. `StateTable` keeps all of them whole; others may keep less.
 */
export interface Visited {
  /** Components of a state: the memory and the actors. */
  readonly width: number;
  readonly count: number;
  /** Changes when what locate() found out cannot be gone on from. */
  readonly epoch: number;
  /** Copies a state that was not expanded yet, or is being expanded, to `row[at]`. */
  read(id: number, row: Int32Array, at?: number): void;
  parent(id: number): number;
  /**
   * Adds a state unless it is there. Returns its number if new, else a negative one.
   * @param column of the actor whose move made it, with this option
   */
  add(row: Int32Array, hash: number, parent: number, column?: number, option?: number): number;
  /** Negative where the state was never added. */
  find(row: Int32Array, hash: number): number;
  /**
   * Takes what a move of state `id` leads to into a batch, to be looked up with
   * others. False where it can only be added by itself.
   */
  stage(
    batch: Batch,
    id: number,
    column: number,
    memory: number,
    node: number,
    hash: number,
  ): boolean;
  /** Looks up all states of a batch, but for those that are UNKNOWN. */
  locate(batch: Batch): void;
  /** As add(), for a state that locate() has not found, while the epoch is the same. */
  addLocated(batch: Batch, index: number, parent: number, column: number, option: number): number;
  /** The decisions that lead to a state, where states themselves do not tell. */
  scheduleTo?(id: number): Schedule;
}
