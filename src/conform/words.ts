import { ZERO } from '../../models/state/shape.js';

/**
 * Numbers the words that a sequence writes, so that they fit a cell: the model
 * only ever copies them. Zero, which clearing a page writes, stays zero.
 */
export class WordNames {
  private readonly numbers = new Map<number, number>([[0, ZERO]]);
  private readonly words: number[] = [0];

  of(word: number): number {
    let number = this.numbers.get(word);
    if (number === undefined) {
      this.numbers.set(word, (number = this.words.length));
      this.words.push(word);
    }
    return number;
  }

  /** The word of a number; undefined for what nobody wrote. */
  word(number: number): number | undefined {
    return this.words[number];
  }

  get largest(): number {
    return this.words.length - 1;
  }
}
