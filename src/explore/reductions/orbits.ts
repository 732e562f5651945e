import { roomFor } from '../../core/footprints.js';
import type { Machine } from '../../core/machine.js';
import type { ConditionTable } from '../conditions.js';
import { Claim } from './claim.js';
import { Images, UNKNOWN } from './images.js';
import type { Irregular } from './irregular.js';
import { Scratch } from './scratch.js';

/**
 * Symmetry: of the states that a renaming of actors, pages and values makes out
 * of each other, one is enough, since all of them have the same future but for
 * names. The least of them stands for the others: the least memory, and of the
 * renamings that lead to that, the one with the least local states.
 *
 * Clarke, Enders, Filkorn, Jha: Exploiting Symmetry in Temporal Logic Model
 * Checking, FMSD 9, 1996; Ip, Dill: Better Verification through Symmetry, ibid.
 *
 * Proviso: the renamings are a group, and each maps moves to moves and broken
 * memories to broken ones. The world only claims that. `isSound()` holds the
 * claim against all that was run, and against the images of that: what an actor
 * may do is then known under each of its names.
 */
export class Orbits {
  private readonly images: Images;
  private readonly claim: Claim;
  /** Per memory: the least image, and the number of the renamings that lead to it. */
  private least: Int32Array = new Int32Array(0);
  private leading: Int32Array = new Int32Array(0);
  private readonly sets: Int32Array[] = [];
  private readonly setNumbers = new Map<string, number>();
  private readonly best: Int32Array;
  private readonly one: Int32Array;
  private readonly scratch: Scratch;

  constructor(private readonly machine: Machine) {
    this.images = new Images(machine);
    this.claim = new Claim(machine, this.images);
    const width = machine.initialNodes.length + 1;
    this.best = new Int32Array(width);
    this.one = new Int32Array(width);
    this.scratch = new Scratch(machine.world.memory);
  }

  /** Is there any renaming at all? */
  get isTrivial(): boolean {
    return this.images.renamings.length === 0;
  }

  /** What must be taken to touch more than it does. */
  get irregular(): Irregular {
    return this.claim.irregular;
  }

  /** Is the claim true of all that was run so far? */
  isSound(conditions: ConditionTable): boolean {
    return this.claim.isTrue(conditions);
  }

  /** Makes `row` (memory, then a node per actor) the state that stands for it. */
  canonical(row: Int32Array): void {
    const { best, one } = this;
    const memory = row[0]!;
    if ((this.least[memory] ?? UNKNOWN) === UNKNOWN) this.settle(memory);
    const set = this.sets[this.leading[memory]!]!;
    best[1] = UNKNOWN;
    for (const number of set) {
      this.renamed(row, number, one);
      if (best[1] === UNKNOWN || isLess(one, best)) best.set(one);
    }
    best[0] = this.least[memory]!;
    row.set(best);
  }

  private settle(memory: number): void {
    const { machine, scratch } = this;
    machine.show(memory);
    scratch.begin();
    const leading = [UNKNOWN];
    this.images.renamings.forEach((renaming, number) => {
      const order = scratch.compare(renaming);
      if (order < 0) leading.length = 0;
      if (order <= 0) leading.push(number);
    });
    this.least = roomFor(this.least, memory + 1, UNKNOWN);
    this.leading = roomFor(this.leading, memory + 1);
    this.least[memory] = machine.memoryOf(scratch.least);
    this.leading[memory] = this.setNumber(leading);
  }

  private setNumber(leading: readonly number[]): number {
    const key = leading.join();
    let number = this.setNumbers.get(key);
    if (number === undefined) {
      this.setNumbers.set(key, (number = this.sets.length));
      this.sets.push(Int32Array.from(leading));
    }
    return number;
  }

  private renamed(row: Int32Array, number: number, out: Int32Array): void {
    if (number === UNKNOWN) {
      out.set(row);
      return;
    }
    const { actors } = this.images.renamings[number]!;
    for (let a = 0; a < actors.length; a++)
      out[actors[a]! + 1] = this.images.ofNode(number, row[a + 1]!);
  }
}

function isLess(a: Int32Array, b: Int32Array): boolean {
  for (let i = 1; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}
