import type { Footprint } from './footprint.js';
import type { Patches } from './memories.js';
import type { Memory } from './memory.js';

/** What a move does where its guard and its effect read certain values. */
export interface Effect {
  /** The node after it, or BLOCKED. */
  readonly node: number;
  readonly patches: Patches;
  readonly touched: Footprint;
  /** The number of that. */
  readonly footprint: number;
}

/** The patches, one for each word, that make the cells that have been written what they are now. */
export function patchesOf(memory: Memory, { writes, updates }: Footprint): Patches {
  const patches = new Map<number, [number, number, number]>();
  const bytes = memory.raw.BYTES_PER_ELEMENT;
  const perWord = 4 / bytes;
  const cell = bytes === 4 ? -1 : 2 ** (8 * bytes) - 1;
  for (let address = 0; address < memory.info.length; address++) {
    const bit = 1 << (address % 32);
    if (((writes[address >> 5]! | updates[address >> 5]!) & bit) === 0) continue;
    const word = Math.floor(address / perWord);
    const shift = (address % perWord) * 8 * bytes;
    const mask = cell << shift;
    const bits = (memory.raw[address]! << shift) & mask;
    const [, others, otherBits] = patches.get(word) ?? [word, 0, 0];
    patches.set(word, [word, mask | others, bits | otherBits]);
  }
  return Int32Array.from([...patches.values()].flat());
}
