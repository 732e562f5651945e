import { EngineError } from '../../core/errors.js';
import { BLOCKED, FINE, type Machine } from '../../core/machine.js';
import { roomFor } from '../../core/footprints.js';
import { generators } from './generators.js';
import type { ConditionTable } from '../conditions.js';
import { Renaming } from '../../core/symmetry.js';

const UNKNOWN = -1;

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
 * claim against every move that the search has made, and against their images:
 * what an actor may do is then known under each of its names.
 */
export class Orbits {
  private readonly renamings: readonly Renaming[];
  /** Per renaming: the number of each memory's image, and of each node's. */
  private readonly images: Int32Array[];
  private readonly twins: Int32Array[];
  /** Per memory: the least image, and the number of the renamings that lead to it. */
  private least: Int32Array = new Int32Array(0);
  private leading: Int32Array = new Int32Array(0);
  private readonly sets: Int32Array[] = [];
  private readonly setNumbers = new Map<string, number>();
  private readonly generators: readonly number[];
  private readonly best: Int32Array;
  private readonly one: Int32Array;
  private readonly scratch: Scratch;
  /** A local state was met that no other corresponds to. */
  private isRefuted = false;
  /** Moves that were held against the claim. */
  private held = 0;

  constructor(private readonly machine: Machine) {
    const { memory, symmetries } = machine.world;
    this.renamings = (symmetries?.() ?? []).map((s) => new Renaming(memory, s));
    this.images = this.renamings.map(() => new Int32Array(0));
    this.generators = generators(this.renamings.map((r) => r.actors));
    this.twins = this.renamings.map(() => new Int32Array(0));
    const width = machine.initialNodes.length + 1;
    this.best = new Int32Array(width);
    this.one = new Int32Array(width);
    this.scratch = new Scratch(memory);
  }

  /** Is there any renaming at all? */
  get isTrivial(): boolean {
    return this.renamings.length === 0;
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

  /**
   * Does each renaming map every move that the machine knows of to a move, and
   * keep what is broken? What is looked at here for the first time is held
   * against the claim as well, until there is nothing new: then the renamings
   * that generate the others speak for all of them.
   */
  isSound(conditions: ConditionTable): boolean {
    const exact = this.machine.touches.keepExact();
    for (; this.held < exact.size; this.held++)
      for (const number of this.generators)
        if (!this.keeps(number, exact.memoryOf(this.held), exact.moveOf(this.held), conditions))
          return false;
    return !this.isRefuted;
  }

  private keeps(number: number, memory: number, move: number, conditions: ConditionTable): boolean {
    const { machine } = this;
    const at = machine.look(memory, move);
    const after = machine.moves.memoryAt(at);
    const node = machine.moves.nodeAt(at);
    const imageAt = this.follow(number, memory, move);
    if (imageAt === UNKNOWN) return false;
    const imageAfter = machine.moves.memoryAt(imageAt);
    const imageNode = machine.moves.nodeAt(imageAt);
    if (after === BLOCKED) return imageAfter === BLOCKED;
    if (imageAfter !== this.image(number, after)) return false;
    if ((machine.broken[after] === FINE) !== (machine.broken[imageAfter] === FINE)) return false;
    if (machine.world.condition && conditions.holds(after) !== conditions.holds(imageAfter))
      return false;
    return imageNode === this.twin(number, node);
  }

  private settle(memory: number): void {
    const { machine, scratch } = this;
    machine.show(memory);
    scratch.begin();
    const leading = [UNKNOWN];
    this.renamings.forEach((renaming, number) => {
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
    const { actors } = this.renamings[number]!;
    for (let a = 0; a < actors.length; a++) out[actors[a]! + 1] = this.twin(number, row[a + 1]!);
  }

  /** Where the image of a move is kept, taken in the image of the memory; or that there is none. */
  private follow(number: number, memory: number, move: number): number {
    const { machine } = this;
    const { id } = machine.node(move);
    const twin = this.twin(number, id);
    if (machine.options[twin] !== machine.options[id]) return UNKNOWN;
    try {
      return machine.look(this.image(number, memory), twin + (move - id));
    } catch (error) {
      // What is not symmetric may come to what no actor can do.
      if (error instanceof EngineError) return UNKNOWN;
      throw error;
    }
  }

  private image(number: number, memory: number): number {
    const known = this.images[number]![memory] ?? 0;
    if (known > 0) return known - 1;
    this.machine.show(memory);
    const image = this.machine.memoryOf(this.scratch.imageOf(this.renamings[number]!));
    const images = roomFor(this.images[number]!, memory + 1);
    this.images[number] = images;
    images[memory] = image + 1;
    return image;
  }

  /** The local state that corresponds to a node: it is reached by the same moves, renamed. */
  private twin(number: number, node: number): number {
    const known = this.twins[number]![node] ?? 0;
    if (known > 0) return known - 1;
    const { machine } = this;
    const origin = machine.originOf(node);
    const at = origin ? this.follow(number, origin.memory, origin.move) : UNKNOWN;
    const start = machine.initialNodes[this.renamings[number]!.actors[machine.node(node).actor]!]!;
    if (origin && at === UNKNOWN) this.isRefuted = true;
    const twin = at === UNKNOWN ? start : machine.moves.nodeAt(at);
    const twins = roomFor(this.twins[number]!, node + 1);
    this.twins[number] = twins;
    twins[node] = twin + 1;
    return twin;
  }
}

function isLess(a: Int32Array, b: Int32Array): boolean {
  for (let i = 1; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}

/** Room for two memories: the least image found so far and the one in hand. */
class Scratch {
  least: Int32Array;
  private one: Int32Array;
  private readonly raws = new Map<Int32Array, Machine['world']['memory']['raw']>();

  constructor(private readonly memory: Machine['world']['memory']) {
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
