const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;

/** States in the order of their numbers, whole, until all before them have been read. */
export class Frontier {
  count = 0;
  private readonly chunks: (Int32Array | undefined)[] = [];
  private released = 0;

  constructor(private readonly width: number) {}

  push(row: Int32Array, from: number): void {
    if ((this.count & (CHUNK - 1)) === 0) this.chunks.push(new Int32Array(CHUNK * this.width));
    const chunk = this.chunks[this.count >> CHUNK_BITS]!;
    const at = (this.count++ & (CHUNK - 1)) * this.width;
    for (let i = 0; i < this.width; i++) chunk[at + i] = row[from + i]!;
  }

  /** Copies a state. Those of a whole chunk before it are let go. */
  read(id: number, row: Int32Array, to: number): void {
    const index = id >> CHUNK_BITS;
    while (this.released < index - 1) this.chunks[this.released++] = undefined;
    const chunk = this.chunks[index]!;
    const at = (id & (CHUNK - 1)) * this.width;
    for (let i = 0; i < this.width; i++) row[to + i] = chunk[at + i]!;
  }

  get bytes(): number {
    return (this.chunks.length - this.released) * CHUNK * this.width * 4;
  }
}
