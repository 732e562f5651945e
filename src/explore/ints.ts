const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;

/** A list of 32 bit integers that grows without being copied, outside of the heap. */
export class IntList {
  length = 0;
  private readonly chunks: Int32Array[] = [];

  push(value: number): void {
    const at = this.length++;
    if ((at & (CHUNK - 1)) === 0) this.chunks.push(new Int32Array(CHUNK));
    this.chunks[at >>> CHUNK_BITS]![at & (CHUNK - 1)] = value;
  }

  at(index: number): number {
    return this.chunks[index >>> CHUNK_BITS]![index & (CHUNK - 1)]!;
  }

  /** All of it, in order. */
  *parts(): Generator<Int32Array> {
    for (const [i, chunk] of this.chunks.entries())
      yield chunk.subarray(0, Math.min(CHUNK, this.length - i * CHUNK));
  }
}
