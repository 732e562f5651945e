import { roomFor } from './footprints.js';
import type { MemoryTable } from './memories.js';
import type { Memory } from './memory.js';

/** Answers that are remembered at most, and values of one cell: many are no help. */
const MOST = 1 << 16;
const MOST_ARMS = 64;
const NONE = -1;
/** Words of a reading: the word and the shift of the cell, its first arm, its answer, its arms. */
const READING = 5;
/** Words of an arm: a value of the cell, the reading that follows, the next arm. */
const ARM = 3;

/**
 * Remembers what functions of memory come to by what they read. One that reads
 * the same values again, in another memory, comes to the same: it need not be
 * run. Which cell is read next depends on nothing but the values read before,
 * so a function is a tree of readings.
 */
export class Readings<Answer> {
  /** Per function its first reading. */
  private readonly roots: number[] = [];
  private readings: Int32Array = new Int32Array(READING << 8);
  private readingCount = 0;
  private arms: Int32Array = new Int32Array(ARM << 8);
  private armCount = 0;
  private readonly answers: Answer[] = [];
  /** Cells are so many to a word, which takes a shift of the address; and so wide. */
  private readonly perWord: number;
  private readonly bits: number;
  private readonly mask: number;

  constructor(
    memory: Memory,
    private readonly memories: MemoryTable,
  ) {
    const bytes = memory.raw.BYTES_PER_ELEMENT;
    this.perWord = 4 / bytes;
    this.bits = 8 * bytes;
    this.mask = bytes === 4 ? -1 : 2 ** this.bits - 1;
  }

  /** What a function comes to in a memory; undefined where that is not known yet. */
  find(memory: number, fn: number): Answer | undefined {
    const { memories, mask, readings, arms } = this;
    if (fn >= this.roots.length) return undefined;
    let reading = this.roots[fn]!;
    while (reading !== NONE) {
      const answer = readings[reading + 3]!;
      if (answer !== NONE) return this.answers[answer];
      const value = (memories.word(memory, readings[reading]!) >>> readings[reading + 1]!) & mask;
      let arm = readings[reading + 2]!;
      while (arm !== NONE && arms[arm] !== value) arm = arms[arm + 2]!;
      reading = arm === NONE ? NONE : arms[arm + 1]!;
    }
    return undefined;
  }

  /** @param log addresses of the cells that were read, in order, each with its raw value. */
  learn(fn: number, log: readonly number[], answer: Answer): void {
    if (this.answers.length === MOST) return;
    while (this.roots.length <= fn) this.roots.push(NONE);
    if (this.roots[fn] === NONE) this.roots[fn] = this.addReading(log[0]);
    let reading = this.roots[fn]!;
    for (let i = 0; i < log.length; i += 2) {
      let arm = this.readings[reading + 2]!;
      while (arm !== NONE && this.arms[arm] !== log[i + 1]) arm = this.arms[arm + 2]!;
      if (arm === NONE && this.readings[reading + 4] === MOST_ARMS) return;
      reading = arm === NONE ? this.addArm(reading, log[i + 1]!, log[i + 2]) : this.arms[arm + 1]!;
    }
    this.readings[reading + 3] = this.answers.push(answer) - 1;
  }

  private addReading(address: number | undefined): number {
    const at = this.readingCount++ * READING;
    this.readings = roomFor(this.readings, at + READING);
    const word = Math.floor((address ?? 0) / this.perWord);
    const shift = ((address ?? 0) % this.perWord) * this.bits;
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
}
