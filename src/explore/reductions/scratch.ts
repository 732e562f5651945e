import type { Memory } from '../../core/memory.js';
import type { Renaming } from '../../core/symmetry.js';

/** Room for two memories: the least image found so far and the one in hand. */
export class Scratch {
  least: Int32Array;
  private one: Int32Array;
  private readonly raws = new Map<Int32Array, Memory['raw']>();

  constructor(private readonly memory: Memory) {
    this.least = this.room();
    this.one = this.room();
  }

  begin(): void {
    this.least.set(this.memory.words);
  }

  imageOf(renaming: Renaming): Int32Array {
    renaming.into(this.raws.get(this.one)!);
    return this.one;
  }

  /** Less than 0: the image is the least so far, and is kept. 0: it equals that. */
  compare(renaming: Renaming): number {
    const { least } = this;
    const one = this.imageOf(renaming);
    let i = 0;
    while (i < one.length && one[i] === least[i]) i++;
    if (i === one.length) return 0;
    if (one[i]! > least[i]!) return 1;
    this.least = one;
    this.one = least;
    return -1;
  }

  private room(): Int32Array {
    const words = new Int32Array(this.memory.words.length);
    const { raw } = this.memory;
    const Cells = raw.constructor as Uint8ArrayConstructor;
    this.raws.set(words, raw instanceof Int32Array ? words : new Cells(words.buffer));
    return words;
  }
}
