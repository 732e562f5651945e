import { roomFor } from '../core/footprints.js';

const WORDS = 6;
const [ID, TODO, NOW, OPTION, LEFT_OUT, BEGIN] = [0, 1, 2, 3, 4, 5];

/**
 * The path of a depth-first search: states from the start to the one in hand,
 * and for each which actors are still to be tried. Actors are columns from 1
 * on; sets of them are bit masks.
 */
export class DepthFirst {
  depth = 0;
  private frames: Int32Array = new Int32Array(WORDS * 64);
  /** Per state: is it on the path? */
  private isOn: Int32Array = new Int32Array(64);

  /**
   * Goes on to a state, where `set` is to be tried of those that can move.
   * @param begin how long the run to it is, in whatever unit.
   */
  enter(id: number, set: number, enabled: number, begin: number): void {
    const at = this.depth++ * WORDS;
    this.frames = roomFor(this.frames, at + WORDS);
    const { frames } = this;
    frames[at + ID] = id;
    frames[at + TODO] = set;
    frames[at + NOW] = 0;
    frames[at + OPTION] = 0;
    frames[at + LEFT_OUT] = enabled & ~set;
    frames[at + BEGIN] = begin;
    this.isOn = roomFor(this.isOn, id + 1);
    this.isOn[id] = 1;
  }

  leave(): void {
    this.isOn[this.id] = 0;
    this.depth--;
  }

  /** The state at the end of the path. */
  get id(): number {
    return this.frames[(this.depth - 1) * WORDS + ID]!;
  }

  /** How long the run to that state is; 0 where there is none. */
  get begin(): number {
    return this.depth === 0 ? 0 : this.frames[(this.depth - 1) * WORDS + BEGIN]!;
  }

  /** The actor whose turn it is there, or 0 when all have been tried. */
  get actor(): number {
    const at = (this.depth - 1) * WORDS;
    const { frames } = this;
    if (frames[at + NOW] === 0 && frames[at + TODO] !== 0) {
      const a = 31 - Math.clz32(frames[at + TODO]! & -frames[at + TODO]!);
      frames[at + TODO]! &= ~(1 << a);
      frames[at + NOW] = a;
      frames[at + OPTION] = 0;
    }
    return frames[at + NOW]!;
  }

  /** The next option of that actor, of `count`; after the last the turn goes on. */
  nextOption(count: number): number {
    const at = (this.depth - 1) * WORDS;
    const option = this.frames[at + OPTION]!++;
    if (option + 1 >= count) this.frames[at + NOW] = 0;
    return option;
  }

  contains(id: number): boolean {
    return this.isOn[id] === 1;
  }

  /** Has the actors tried as well that were left out. */
  tryAll(): void {
    const at = (this.depth - 1) * WORDS;
    this.frames[at + TODO]! |= this.frames[at + LEFT_OUT]!;
    this.frames[at + LEFT_OUT] = 0;
  }
}
