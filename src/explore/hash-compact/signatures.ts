import { EngineError } from '../../core/errors.js';

const MOST_BITS = 30;
/** Probes are cheap next to the memory that free slots take. */
const LOAD = 0.85;
const FREE = 0;

type Words = Uint8Array | Uint16Array | Uint32Array;

/**
 * Signatures of states: 32 low bits, never 0, and up to 32 high bits, in as many
 * bytes as these need.
 */
export class SignatureSet {
  count = 0;
  /** Changes when the set grows: slots are others then. */
  epoch = 0;
  private low: Int32Array;
  private high: Words;
  private readonly lowMask: number;
  private readonly highMask: number;
  private capacityBits = 12;

  /** @param bits of a signature that count, 2 to 64. */
  constructor(readonly bits: number) {
    this.lowMask = bits >= 32 ? -1 : 2 ** bits - 1;
    this.highMask = bits > 32 ? 2 ** (bits - 32) - 1 : 0;
    this.low = new Int32Array(2 ** this.capacityBits);
    this.high = this.highWords(2 ** this.capacityBits);
  }

  /** What is kept of 32 bits of hash, and of another 32. */
  lowOf(hash: number): number {
    return hash & this.lowMask || 1;
  }
  highOf(hash: number): number {
    return (hash & this.highMask) >>> 0;
  }

  /** Where to begin to look for a signature. */
  home(low: number): number {
    return (low ^ (low >>> 15)) & (this.low.length - 1);
  }

  /** What stands in a slot, to have it fetched. */
  peek(slot: number): number {
    return this.low[slot]! ^ this.high[slot]!;
  }

  /** The slot that has a signature, or ~(the one that it belongs in), from `slot` on. */
  seek(low: number, high: number, from: number): number {
    const { low: lows, high: highs } = this;
    const mask = lows.length - 1;
    let slot = from;
    for (let entry; (entry = lows[slot]!) !== FREE; slot = (slot + 1) & mask)
      if (entry === low && highs[slot] === high) return slot;
    return ~slot;
  }

  put(slot: number, low: number, high: number): void {
    this.low[slot] = low;
    this.high[slot] = high;
    if (++this.count > this.low.length * LOAD) this.grow();
  }

  get bytes(): number {
    return this.low.byteLength + this.high.byteLength;
  }

  private highWords(length: number): Words {
    if (this.bits <= 40) return new Uint8Array(length);
    return this.bits <= 48 ? new Uint16Array(length) : new Uint32Array(length);
  }

  private grow(): void {
    if (this.capacityBits === MOST_BITS) throw new EngineError(`more than ${this.count} states`);
    const { low, high } = this;
    this.capacityBits++;
    this.epoch++;
    this.low = new Int32Array(low.length * 2);
    this.high = this.highWords(low.length * 2);
    for (let i = 0; i < low.length; i++) {
      if (low[i] === FREE) continue;
      const slot = ~this.seek(low[i]!, high[i]!, this.home(low[i]!));
      this.low[slot] = low[i]!;
      this.high[slot] = high[i]!;
    }
  }
}
