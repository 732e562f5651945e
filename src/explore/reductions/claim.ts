import { BLOCKED, type Machine } from '../../core/machine.js';
import type { ConditionTable } from '../conditions.js';
import { Correspondence } from './correspondence.js';
import { generators } from './generators.js';
import { UNKNOWN, type Images } from './images.js';
import { Irregular } from './irregular.js';

/**
 * The claim that renamings change nothing but names, held against all that was
 * run. A move that reads in one memory what it read in another does the same
 * there, and so does its image, where that reads what the first one's image
 * read: one effect speaks for all moves that read the same. Where what is read
 * does not correspond, each move is held against the claim by itself. Likewise
 * with properties.
 */
export class Claim {
  readonly irregular: Irregular;
  private readonly generators: readonly number[];
  private readonly correspondences: readonly Correspondence[];
  /** How far each list has been gone through. */
  private readonly held = { effects: 0, decisions: 0, moves: 0, memories: 0 };

  constructor(
    private readonly machine: Machine,
    private readonly images: Images,
  ) {
    const { renamings } = images;
    const { footprints } = machine.touches;
    const words = footprints.width / 3;
    this.generators = generators(renamings.map((r) => r.permutation));
    this.correspondences = renamings.map((r) => new Correspondence(r.symmetry, words));
    this.irregular = new Irregular(footprints, this.correspondences);
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
        if (this.irregular.has(move) && !all.every((g) => this.keepsIrregular(g, memory, move)))
          return false;
      } else if (this.looksAtMemories && held.memories < machine.memories.count) {
        const memory = held.memories++;
        if (!all.every((g) => this.keepsMemory(g, memory, conditions))) return false;
      } else return !this.images.isRefuted;
  }

  private keepsEffect(number: number, memory: number, move: number): boolean {
    if (!this.keepsMove(number, memory, move)) return false;
    const { footprints } = this.machine.touches;
    const [touched, image] = this.footprints(number, memory, move);
    if (!this.correspondences[number]!.holds(footprints.at(touched), footprints.at(image)))
      this.lookEverywhere(move);
    return true;
  }

  private keepsIrregular(number: number, memory: number, move: number): boolean {
    if (!this.keepsMove(number, memory, move)) return false;
    const [touched, image] = this.footprints(number, memory, move);
    this.irregular.link(number, move, touched, this.images.ofMove(number, move), image);
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

  /** What a move has touched, and what its image has. */
  private footprints(number: number, memory: number, move: number): readonly [number, number] {
    const { machine, images } = this;
    const touched = machine.moves.footprintAt(machine.look(memory, move));
    const image = machine.look(images.ofMemory(number, memory), images.ofMove(number, move));
    return [touched, machine.moves.footprintAt(image)];
  }

  /** From the first on, again: what was passed over before may now matter. */
  private lookEverywhere(move: number): void {
    if (this.irregular.has(move)) return;
    this.irregular.add(move);
    this.held.moves = 0;
    for (const number of this.generators) this.lookEverywhere(this.images.ofMove(number, move));
  }

  private keepsDecision(number: number, memory: number, property: number): boolean {
    const { verdicts, touches } = this.machine;
    const decision = verdicts.of(memory, property, this.machine);
    const image = verdicts.of(this.images.ofMemory(number, memory), property, this.machine);
    const [support, imageSupport] = [decision, image].map((d) => touches.footprints.at(d.support));
    const corresponds = this.correspondences[number]!.holds(support!, imageSupport!);
    const isIrregular = this.irregular.hasProperty(property);
    if (!corresponds && !isIrregular) this.held.memories = 0;
    if (!corresponds || isIrregular)
      this.irregular.addProperty(property, touches.properties[property]!);
    return !corresponds || decision.holds === image.holds;
  }

  private get looksAtMemories(): boolean {
    return this.irregular.propertyNumbers.length > 0 || this.machine.world.condition !== undefined;
  }

  private keepsMemory(number: number, memory: number, conditions: ConditionTable): boolean {
    const { machine } = this;
    const image = this.images.ofMemory(number, memory);
    const isSame = this.irregular.propertyNumbers.every(
      (property) =>
        machine.verdicts.of(memory, property, machine).holds ===
        machine.verdicts.of(image, property, machine).holds,
    );
    if (!machine.world.condition) return isSame;
    return isSame && conditions.holds(memory) === conditions.holds(image);
  }
}
