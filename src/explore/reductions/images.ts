import { EngineError } from '../../core/errors.js';
import { roomFor } from '../../core/footprints.js';
import { BLOCKED, type Machine } from '../../core/machine.js';
import { Renaming } from '../../core/symmetry.js';
import { Scratch } from './scratch.js';

/** There is no image. */
export const UNKNOWN = -1;

/** What the renamings of a world make of its memories, of local states and of moves. */
export class Images {
  readonly renamings: readonly Renaming[];
  /** A local state was met that no other corresponds to. */
  isRefuted = false;
  /** Per renaming: the number of each memory's image, and of each node's. */
  private readonly images: Int32Array[];
  private readonly twins: Int32Array[];
  private readonly scratch: Scratch;

  constructor(private readonly machine: Machine) {
    const { memory, symmetries } = machine.world;
    this.renamings = (symmetries?.() ?? []).map((s) => new Renaming(memory, s));
    this.images = this.renamings.map(() => new Int32Array(0));
    this.twins = this.renamings.map(() => new Int32Array(0));
    this.scratch = new Scratch(memory);
  }

  ofMemory(number: number, memory: number): number {
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
  ofNode(number: number, node: number): number {
    const known = this.twins[number]![node] ?? 0;
    if (known > 0) return known - 1;
    const { machine } = this;
    const origin = machine.originOf(node);
    const at = origin ? this.taken(number, origin.memory, origin.move) : UNKNOWN;
    const start = machine.initialNodes[this.renamings[number]!.actors[machine.node(node).actor]!]!;
    if (origin && at === UNKNOWN) this.isRefuted = true;
    const twin = at === UNKNOWN ? start : machine.moves.nodeAt(at);
    const twins = roomFor(this.twins[number]!, node + 1);
    this.twins[number] = twins;
    twins[node] = twin + 1;
    return twin;
  }

  ofMove(number: number, move: number): number {
    const { id } = this.machine.node(move);
    return this.ofNode(number, id) + (move - id);
  }

  /** The same where the image was not blocked: behind that nobody stands. */
  private taken(number: number, memory: number, move: number): number {
    const at = this.follow(number, memory, move);
    return at !== UNKNOWN && this.machine.moves.memoryAt(at) === BLOCKED ? UNKNOWN : at;
  }

  /** Where the image of a move is kept, taken in the image of the memory; or that there is none. */
  follow(number: number, memory: number, move: number): number {
    const { machine } = this;
    const { id } = machine.node(move);
    if (machine.options[this.ofNode(number, id)] !== machine.options[id]) return UNKNOWN;
    try {
      return machine.look(this.ofMemory(number, memory), this.ofMove(number, move));
    } catch (error) {
      // What is not symmetric may come to what no actor can do.
      if (error instanceof EngineError) return UNKNOWN;
      throw error;
    }
  }
}
