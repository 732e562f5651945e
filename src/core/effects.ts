import type { Footprint } from './footprint.js';
import { roomFor } from './footprints.js';
import type { MemoryTable, Patches } from './memories.js';
import type { Memory } from './memory.js';

/** What a move does where its guard and its effect read certain values. */
export interface Effect {
  /** The node after it, or BLOCKED. */
  readonly node: number;
  readonly patches: Patches;
  readonly touched: Footprint;
}

/** Effects that are remembered at most, and values of one cell: many are no help. */
const MOST = 1 << 16;
const MOST_ARMS = 64;
const NONE = -1;
/** Words of a reading: the word and the shift of the cell, its first arm, its effect, its arms. */
const READING = 5;
/** Words of an arm: a value of the cell, the reading that follows, the next arm. */
const ARM = 3;

/**
 * Remembers what moves do by what they read. Guards and effects are functions of
 * the cells that they read, so one that reads the same values again, in another
 * memory, does the same: nothing needs to be run. Which cell is read next is a
 * function of the values read before, so a move is a tree of readings.
 */
export class Effects {
  /** Per move its first reading. */
  private readonly roots: number[] = [];
  private readings: Int32Array = new Int32Array(READING << 8);
  private readingCount = 0;
  private arms: Int32Array = new Int32Array(ARM << 8);
  private armCount = 0;
  private readonly effects: Effect[] = [];
  /** Cells are so many to a word, which takes a shift of the address; and so wide. */
  private readonly perWord: number;
  private readonly bits: number;
  private readonly mask: number;

  constructor(
    private readonly memory: Memory,
    private readonly memories: MemoryTable,
  ) {
    const bytes = memory.raw.BYTES_PER_ELEMENT;
    this.perWord = 4 / bytes;
    this.bits = 8 * bytes;
    this.mask = bytes === 4 ? -1 : 2 ** this.bits - 1;
  }

  /** What a move does in a memory; undefined where that is not known yet. */
  find(memory: number, move: number): Effect | undefined {
    const { memories, mask, readings, arms } = this;
    if (move >= this.roots.length) return undefined;
    let reading = this.roots[move]!;
    while (reading !== NONE) {
      const effect = readings[reading + 3]!;
      if (effect !== NONE) return this.effects[effect];
      const value = (memories.word(memory, readings[reading]!) >>> readings[reading + 1]!) & mask;
      let arm = readings[reading + 2]!;
      while (arm !== NONE && arms[arm] !== value) arm = arms[arm + 2]!;
      reading = arm === NONE ? NONE : arms[arm + 1]!;
    }
    return undefined;
  }

  /**
   * Remembers what a move has done.
   * @param log addresses of the cells that it read, in order, each with its raw value
   */
  learn(move: number, log: readonly number[], effect: Effect): void {
    if (this.effects.length === MOST) return;
    while (this.roots.length <= move) this.roots.push(NONE);
    if (this.roots[move] === NONE) this.roots[move] = this.addReading(log[0]);
    let reading = this.roots[move]!;
    for (let i = 0; i < log.length; i += 2) {
      let arm = this.readings[reading + 2]!;
      while (arm !== NONE && this.arms[arm] !== log[i + 1]) arm = this.arms[arm + 2]!;
      if (arm === NONE && this.readings[reading + 4] === MOST_ARMS) return;
      reading = arm === NONE ? this.addArm(reading, log[i + 1]!, log[i + 2]) : this.arms[arm + 1]!;
    }
    this.readings[reading + 3] = this.effects.push(effect) - 1;
  }

  /** The patches, one for each word, that make the cells that have been written what they are now. */
  patchesOf({ writes, updates }: Footprint): Patches {
    const patches = new Map<number, [number, number, number]>();
    for (let address = 0; address < this.memory.info.length; address++) {
      const bit = 1 << (address % 32);
      if (((writes[address >> 5]! | updates[address >> 5]!) & bit) === 0) continue;
      const { word, shift } = this.placeOf(address);
      const mask = this.mask << shift;
      const bits = (this.memory.raw[address]! << shift) & mask;
      const [, others, otherBits] = patches.get(word) ?? [word, 0, 0];
      patches.set(word, [word, mask | others, bits | otherBits]);
    }
    return Int32Array.from([...patches.values()].flat());
  }

  private addReading(address: number | undefined): number {
    const at = this.readingCount++ * READING;
    this.readings = roomFor(this.readings, at + READING);
    const { word, shift } = this.placeOf(address ?? 0);
    this.readings.set([word, shift, NONE, NONE, 0], at);
    return at;
  }

  /** The reading of the cell at `address`, where the one before it had this value. */
  private addArm(reading: number, value: number, address: number | undefined): number {
    const at = this.armCount++ * ARM;
    const next = this.addReading(address);
    this.arms = roomFor(this.arms, at + ARM);
    this.arms.set([value, next, this.readings[reading + 2]!], at);
    this.readings[reading + 2] = at;
    this.readings[reading + 4]!++;
    return next;
  }

  private placeOf(address: number): { word: number; shift: number } {
    const { perWord, bits } = this;
    return { word: Math.floor(address / perWord), shift: (address % perWord) * bits };
  }
}
