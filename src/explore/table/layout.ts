const WORD = 32;

/**
 * Where each column of a state lies in its packed words. No column crosses from
 * one word to the next. Column 0 lies at the low end of word 0 and has whatever
 * the others leave it there.
 */
export class Layout {
  /** Per column: its word, how far it is shifted, the largest number that fits. */
  readonly word: Int32Array;
  readonly shift: Int32Array;
  readonly most: Uint32Array;

  private constructor(
    readonly words: number,
    columns: number,
  ) {
    this.word = new Int32Array(columns);
    this.shift = new Int32Array(columns);
    this.most = new Uint32Array(columns);
  }

  /** The fewest words that hold columns of so many bits. */
  static fit(bits: readonly number[]): Layout {
    for (let words = 1; ; words++) {
      const layout = Layout.within(words, bits);
      if (layout) return layout;
    }
  }

  /** Copies a state, packed in this way at `from[at]`, to `to[end]`, packed in another. */
  move(from: Int32Array, at: number, other: Layout, to: Int32Array, end: number): void {
    const { word, shift, most } = this;
    for (let c = 0; c < word.length; c++) {
      const number = (from[at + word[c]!]! >>> shift[c]!) & most[c]!;
      to[end + other.word[c]!]! |= number << other.shift[c]!;
    }
  }

  /** Widest first, each into the last word that has room: word 0 is left to column 0. */
  private static within(words: number, bits: readonly number[]): Layout | undefined {
    const layout = new Layout(words, bits.length);
    const room = Array.from({ length: words }, (_, word) => WORD - (word === 0 ? bits[0]! : 0));
    const others = bits.map((_, column) => column).slice(1);
    for (const column of others.toSorted((a, b) => bits[b]! - bits[a]!)) {
      const word = room.findLastIndex((free) => free >= bits[column]!);
      if (word < 0) return undefined;
      room[word]! -= bits[column]!;
      layout.word[column] = word;
      layout.shift[column] = room[word]! + (word === 0 ? bits[0]! : 0);
      layout.most[column] = 2 ** bits[column]! - 1;
    }
    layout.most[0] = 2 ** (bits[0]! + room[0]!) - 1;
    return layout;
  }
}
