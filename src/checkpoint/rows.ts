import type { Machine } from '../core/machine.js';
import { hashRow, type StateTable } from '../explore/states.js';

/** States written at a time. */
const BATCH = 1 << 12;

/** The states of a table from number `from` on: each its parent and its row, a word each. */
export function* rowsOf(states: StateTable, from: number): Generator<Int32Array> {
  const { count, width } = states;
  const words = new Int32Array(BATCH * (1 + width));
  const row = new Int32Array(width);
  for (let first = from; first < count; first += BATCH) {
    const end = Math.min(count, first + BATCH);
    let at = 0;
    for (let id = first; id < end; id++) {
      states.read(id, row);
      words[at++] = states.parent(id);
      words.set(row, at);
      at += width;
    }
    yield words.subarray(0, at);
  }
}

/**
 * Adds states to an empty table.
 * @returns how many; it stops at what is no state of this machine
 */
export function fill(states: StateTable, machine: Machine, parts: Iterable<Int32Array>): number {
  const size = 1 + states.width;
  const row = new Int32Array(states.width);
  const one = new Int32Array(size);
  let got = 0;
  for (const part of parts)
    for (let i = 0; i < part.length; i++) {
      one[got++] = part[i]!;
      if (got < size) continue;
      got = 0;
      for (let j = 0; j < row.length; j++) row[j] = one[j + 1]!;
      const id = states.count;
      if (!isState(row, machine) || one[0]! < -1 || one[0]! >= id) return id;
      if (states.add(row, hashRow(row), one[0]!) !== id) return id;
    }
  return states.count;
}

function isState(row: Int32Array, machine: Machine): boolean {
  if (row[0]! < 0 || row[0]! >= machine.memories.count) return false;
  for (let a = 1; a < row.length; a++) if (machine.options[row[a]!] === undefined) return false;
  return true;
}
