import { BLOCKED, type Machine } from '../../core/machine.js';
import type { ConditionTable } from '../conditions.js';
import { Correspondence } from './correspondence.js';
import { generators } from './generators.js';
import { UNKNOWN, type Images } from './images.js';

/**
 * The claim that renamings change nothing but names, held against all that was
 * run. A move that reads in one memory what it read in another does the same
 * there, and so does its image, where that reads what the first one's image
 * read: one effect speaks for all moves that read the same. Where what is read
 * does not correspond, each move is held against the claim by itself. Likewise
 * with properties.
 */
export class Claim {
  private readonly generators: readonly number[];
  private readonly correspondences: readonly Correspondence[];
  /** How far each list has been gone through. */
  private readonly held = { effects: 0, decisions: 0, moves: 0, memories: 0 };
  /** Moves and properties that must be looked at in each memory. */
  private readonly irregular: boolean[] = [];
  private readonly irregularProperties = new Set<number>();

  constructor(
    private readonly machine: Machine,
    private readonly images: Images,
  ) {
    const { renamings } = images;
    this.generators = generators(renamings.map((r) => r.actors));
    const { footprints } = machine.touches;
    this.correspondences = renamings.map((r) => new Correspondence(r.symmetry, footprints));
  }

  /**
   * Is it true of all that was run so far? What is run here for the first time is
   * held against it as well, until there is nothing new: then the renamings that
   * generate the others speak for all of them.
   */
  isTrue(conditions: ConditionTable): boolean {
    const { machine, held, generators: all } = this;
    const looked = machine.keepFootprints();
    const decided = machine.verdicts.performed;
    for (;;)
      if (held.effects < machine.performed.length) {
        const [memory, move] = machine.performed.slice(held.effects, (held.effects += 2));
        if (!all.every((g) => this.keepsEffect(g, memory!, move!))) return false;
      } else if (held.decisions < decided.length) {
        const [memory, property] = decided.slice(held.decisions, (held.decisions += 2));
        if (!all.every((g) => this.keepsDecision(g, memory!, property!))) return false;
      } else if (held.moves < looked.size) {
        const [memory, move] = [looked.memoryOf(held.moves), looked.moveOf(held.moves)];
        held.moves++;
        if (this.irregular[move] && !all.every((g) => this.keepsMove(g, memory, move)))
          return false;
      } else if (this.looksAtMemories && held.memories < machine.memories.count) {
        const memory = held.memories++;
        if (!all.every((g) => this.keepsMemory(g, memory, conditions))) return false;
      } else return !this.images.isRefuted;
  }

  private keepsEffect(number: number, memory: number, move: number): boolean {
    const { machine, images } = this;
    if (!this.keepsMove(number, memory, move)) return false;
    const touched = machine.moves.footprintAt(machine.look(memory, move));
    const image = machine.look(images.ofMemory(number, memory), images.ofMove(number, move));
    const twins = machine.moves.footprintAt(image);
    if (!this.correspondences[number]!.holds(touched, twins)) this.lookEverywhere(move);
    return true;
  }

  private keepsMove(number: number, memory: number, move: number): boolean {
    const { machine, images } = this;
    const at = machine.look(memory, move);
    const after = machine.moves.memoryAt(at);
    const node = machine.moves.nodeAt(at);
    const imageAt = images.follow(number, memory, move);
    if (imageAt === UNKNOWN) return false;
    const imageAfter = machine.moves.memoryAt(imageAt);
    const imageNode = machine.moves.nodeAt(imageAt);
    if (after === BLOCKED) return imageAfter === BLOCKED;
    return (
      imageAfter === images.ofMemory(number, after) && imageNode === images.ofNode(number, node)
    );
  }

  /** From the first on, again: what was passed over before may now matter. */
  private lookEverywhere(move: number): void {
    if (this.irregular[move]) return;
    this.irregular[move] = true;
    this.held.moves = 0;
    for (const number of this.generators) this.lookEverywhere(this.images.ofMove(number, move));
  }

  private keepsDecision(number: number, memory: number, property: number): boolean {
    const { verdicts } = this.machine;
    const decision = verdicts.of(memory, property, this.machine);
    const image = verdicts.of(this.images.ofMemory(number, memory), property, this.machine);
    if (this.correspondences[number]!.holds(decision.support, image.support))
      return decision.holds === image.holds;
    if (!this.irregularProperties.has(property)) this.held.memories = 0;
    this.irregularProperties.add(property);
    return true;
  }

  private get looksAtMemories(): boolean {
    return this.irregularProperties.size > 0 || this.machine.world.condition !== undefined;
  }

  private keepsMemory(number: number, memory: number, conditions: ConditionTable): boolean {
    const { machine } = this;
    const image = this.images.ofMemory(number, memory);
    for (const property of this.irregularProperties)
      if (
        machine.verdicts.of(memory, property, machine).holds !==
        machine.verdicts.of(image, property, machine).holds
      )
        return false;
    return !machine.world.condition || conditions.holds(memory) === conditions.holds(image);
  }
}
