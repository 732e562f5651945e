import { EngineError } from './errors.js';
import type { Memory } from './memory.js';
import { View, type Part } from './struct.js';

/**
 * A reference count, kept apart by who holds what: references that running
 * actors hold have a cell for each actor, all others (a table's, a
 * descriptor's) share one. The count is their sum. Two actors who take and drop
 * references while a table keeps the object alive then touch nothing in
 * common, and the search need not try both orders.
 */
export class Refcount extends View {
  /** Is nobody left? Stops at the first who is. */
  get isZero(): boolean {
    const { $memory } = this;
    for (let i = 0; i <= $memory.actors; i++) if ($memory.load(this.$base + i) > 0) return false;
    return true;
  }
  /** All references together. */
  get count(): number {
    const { $memory } = this;
    let sum = 0;
    for (let i = 0; i <= $memory.actors; i++) sum += $memory.load(this.$base + i);
    return sum;
  }
  /** References that belong to no actor. */
  get shared(): number {
    return this.$memory.load(this.$base);
  }
  set shared(count: number) {
    this.$memory.store(this.$base, count);
  }
  /** The running actor takes a reference. */
  get(): void {
    this.add(this.mine, 1);
  }
  /**
   * The running actor drops a reference, its own if it has one.
   * @returns whether it was the last
   * @throws EngineError if there is none
   */
  put(): boolean {
    return this.drop(this.mine);
  }
  /** Drops one that belongs to no actor, if there is one. @returns whether it was the last. */
  putShared(): boolean {
    return this.drop(this.$base);
  }

  /** A reference dropped by who has none is somebody else's, as in the kernel. */
  private drop(rather: number): boolean {
    if (this.isZero) throw new EngineError(`${this.$name}: a reference dropped that nobody holds`);
    let address = rather;
    for (let i = 0; this.$memory.load(address) === 0; i++) address = this.$base + i;
    this.add(address, -1);
    return this.isZero;
  }
  private get mine(): number {
    return this.$base + 1 + this.$memory.actor;
  }
  private add(address: number, change: number): void {
    this.$memory.store(address, this.$memory.load(address) + change);
  }
}

/** A field that counts at most `each` references of one actor and as many shared ones. */
export function refcount(each: number): Part<Refcount> {
  return {
    kind: 'part',
    place(memory: Memory, name: string) {
      const base = memory.info.length;
      memory.declare(`${name}.shared`, 0, each, 0);
      for (let a = 0; a < memory.actors; a++) memory.declare(`${name}[${a}]`, 0, each, 0);
      return new Refcount(memory, name, base);
    },
  };
}
