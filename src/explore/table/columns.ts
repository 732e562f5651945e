import { longer } from './batch.js';
import { Layout } from './layout.js';

/** Bits of a column to begin with: few actors have more local nodes. */
const NODE_BITS = 8;
const NONE = -1;

/**
 * How a state is packed. Column 0, the memory's number, is kept as it is. Every
 * other column numbers the values it meets in the order in which it meets them,
 * so that an actor with two hundred local nodes takes eight bits.
 */
export class Columns {
  layout: Layout;
  /** The state that pack() has packed. */
  packed: Int32Array;
  /** Bits that each column needs. */
  private readonly bits: number[];
  /** The number of a value: `codes[column * span + value]`. */
  private codes: Int32Array;
  private span = 1 << 8;
  /** The value of a number, per column, and how many there are. */
  private readonly values: Int32Array[];
  private readonly known: Int32Array;

  constructor(readonly width: number) {
    this.bits = Array.from({ length: width }, () => NODE_BITS);
    this.codes = new Int32Array(width * this.span).fill(NONE);
    this.values = this.bits.map((bits) => new Int32Array(1 << bits));
    this.known = new Int32Array(width);
    this.layout = Layout.fit(this.bits);
    this.packed = new Int32Array(this.layout.words);
  }

  /** False where the state has a value without a number, or without room. */
  pack(row: Int32Array): boolean {
    const { packed, width, codes, span } = this;
    const { word, shift, most } = this.layout;
    const memory = row[0]!;
    if (memory >>> 0 > most[0]!) return false;
    packed[0] = memory;
    for (let i = 1; i < packed.length; i++) packed[i] = 0;
    for (let c = 1; c < width; c++) {
      const value = row[c]!;
      if (value >= span) return false;
      const code = codes[c * span + value]!;
      if (code === NONE) return false;
      packed[word[c]!]! |= code << shift[c]!;
    }
    return true;
  }

  /**
   * Packs what a move leads to: the state at `from[at]` with another memory, and
   * another value in one column. False as for pack().
   */
  packMove(
    from: Int32Array,
    at: number,
    column: number,
    memory: number,
    value: number,
    to: Int32Array,
    end: number,
  ): boolean {
    const { codes, span, layout } = this;
    const room = layout.most[0]!;
    if (memory >>> 0 > room || value >= span) return false;
    const code = codes[column * span + value]!;
    if (code === NONE) return false;
    for (let i = 0; i < layout.words; i++) to[end + i] = from[at + i]!;
    to[end] = (to[end]! & ~room) | memory;
    const word = end + layout.word[column]!;
    const shift = layout.shift[column]!;
    to[word] = (to[word]! & ~(layout.most[column]! << shift)) | (code << shift);
    return true;
  }

  /** Copies the state whose packed words begin at `from[at]` to `row[to]`. */
  unpack(from: Int32Array, at: number, row: Int32Array, to: number): void {
    const { width, values } = this;
    const { word, shift, most } = this.layout;
    row[to] = from[at]! & most[0]!;
    for (let c = 1; c < width; c++)
      row[to + c] = values[c]![(from[at + word[c]!]! >>> shift[c]!) & most[c]!]!;
  }

  /** Numbers the values of a state. True where columns had to be moved for that. */
  admit(row: Int32Array): boolean {
    let fits = this.fits(0, row[0]!);
    for (let c = 1; c < this.width; c++) fits = this.fits(c, this.number(c, row[c]!)) && fits;
    if (fits) return false;
    this.layout = Layout.fit(this.bits);
    this.packed = new Int32Array(this.layout.words);
    return true;
  }

  get bytes(): number {
    return this.values.reduce((sum, each) => sum + each.byteLength, this.codes.byteLength);
  }

  /** Is there room for this number in a column? If not, it needs more bits. */
  private fits(column: number, number: number): boolean {
    if (number >>> 0 <= this.layout.most[column]!) return true;
    this.bits[column] = 32 - Math.clz32(number);
    return false;
  }

  private number(column: number, value: number): number {
    while (value >= this.span) this.widen();
    const at = column * this.span + value;
    if (this.codes[at] === NONE) {
      const code = (this.codes[at] = this.known[column]!++);
      if (code === this.values[column]!.length) this.values[column] = longer(this.values[column]!);
      this.values[column]![code] = value;
    }
    return this.codes[at]!;
  }

  /** Makes room for values twice as large. */
  private widen(): void {
    const { codes, span, width } = this;
    this.codes = new Int32Array(codes.length * 2).fill(NONE);
    for (let c = 0; c < width; c++)
      this.codes.set(codes.subarray(c * span, (c + 1) * span), c * span * 2);
    this.span *= 2;
  }
}
