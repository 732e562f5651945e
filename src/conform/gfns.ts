import { PAGE_SIZE } from './schema.js';

/** A range of guest memory that an operation names, in bytes. */
export interface GpaRange {
  readonly gpa: number;
  readonly size: number;
}

/**
 * Numbers the guest frames that a sequence touches from 0, in order. Whatever
 * lies between is left out: order and neighbourhood within each range stay,
 * and nothing else about a frame's number matters.
 */
export class DenseGfns {
  private readonly numbers = new Map<number, number>();
  private readonly frames: readonly number[];

  constructor(ranges: readonly GpaRange[], most: number) {
    const touched = new Set<number>();
    for (const { gpa, size } of ranges) {
      const start = Math.floor(gpa / PAGE_SIZE);
      const end = Math.max(start + 1, Math.ceil((gpa + size) / PAGE_SIZE));
      for (let frame = start; frame < end; frame++) {
        touched.add(frame);
        if (touched.size > most) throw new RangeError(`at most ${most} guest frames`);
      }
    }
    this.frames = [...touched].toSorted((a, b) => a - b);
    this.frames.forEach((frame, number) => this.numbers.set(frame, number));
  }

  get length(): number {
    return this.frames.length;
  }

  /** The number of the frame that holds a guest address. */
  of(gpa: number): number {
    const number = this.numbers.get(Math.floor(gpa / PAGE_SIZE));
    if (number === undefined) throw new RangeError(`gpa ${gpa} was not declared`);
    return number;
  }

  /** The guest address of a frame. */
  gpa(number: number): number {
    return this.frames[number]! * PAGE_SIZE;
  }
}
