import { Automaton, functionsOf, type Advance, type LocalNode } from './automaton.js';
import { patchesOf, type Effect } from './effects.js';
import { EngineError, noteFunctions } from './errors.js';
import { Footprint } from './footprint.js';
import { MemoryTable, type Patches } from './memories.js';
import { CLOSED, NOBODY, READ, WRITE } from './memory.js';
import { MoveList } from './move-list.js';
import { MoveTable } from './moves.js';
import { Readings } from './readings.js';
import { TouchTable } from './touches.js';
import { Verdicts } from './verdicts.js';
import type { World } from './world.js';

/** Successor memory of a move whose guard is false. */
export const BLOCKED = -2;

export { FINE } from './verdicts.js';

/**
 * A world made executable. A global state is the number of an interned memory
 * and one local node per actor; a move is a node's pending step with one of
 * its options. Every search strategy drives this one machine.
 */
export class Machine {
  readonly automaton: Automaton;
  readonly memories: MemoryTable;
  readonly moves = new MoveTable();
  /** Cells that each move, and each property, has touched so far. */
  readonly touches: TouchTable;
  /** Index of the first broken property, per memory, or FINE. */
  readonly broken: readonly number[];
  readonly verdicts: Verdicts;
  /** Moves whose footprints are kept, memory by memory, once somebody asks for that. */
  looked: MoveList | undefined;
  /** Memory and move of each effect that was run: all others did what one of these does. */
  readonly performed: number[] = [];
  private readonly effects: Readings<Effect>;
  readonly initialMemory: number;
  readonly initialNodes: Int32Array;
  /** Number of options of the node that a move number belongs to. */
  readonly options: number[] = [];
  /** Per node the memory and the move that first led to it, or -1 at a start. */
  private readonly origins: number[] = [];
  private loaded = -1;

  constructor(readonly world: World) {
    const { memory, actors } = world;
    this.automaton = new Automaton(
      memory,
      actors.map((a) => a.program),
    );
    this.memories = new MemoryTable(memory);
    this.effects = new Readings(memory, this.memories);
    this.touches = new TouchTable(memory.info.length, world.properties.length, world.alike);
    this.verdicts = new Verdicts(world, this.touches, this.memories);
    this.broken = this.verdicts.broken;
    this.initialNodes = Int32Array.from(actors, (_, a) => this.begin(a));
    this.initialMemory = this.internCurrent();
  }

  /** Does a finished actor stand at this node? */
  isDone(node: number): boolean {
    return this.options[node] === 0;
  }

  node(move: number): LocalNode {
    return this.automaton.nodes[move]!;
  }

  /** Offset into `moves` of what the move does in this memory. */
  look(memory: number, move: number): number {
    const found = this.moves.find(memory, move);
    return found >= 0 ? found : this.execute(memory, move);
  }

  /**
   * From now on remembers what each move touches in each memory: not the union
   * over all memories, but exactly the cells that it read, wrote and updated
   * there. Code that takes another branch touches other cells; as long as nobody
   * changes a cell that it reads, it takes the same one.
   * @throws EngineError if moves have been made already
   */
  keepFootprints(): MoveList {
    this.moves.keepFootprints();
    return (this.looked ??= new MoveList());
  }

  /** Runs `read` on a memory, with views open for reading. */
  inspect<T>(memory: number, read: () => T): T {
    this.load(memory);
    this.world.memory.access = READ;
    this.world.memory.actor = NOBODY;
    this.world.memory.touched.clear();
    try {
      return read();
    } finally {
      this.world.memory.access = CLOSED;
    }
  }

  /**
   * What an enabled move observes. Only its consequences are kept, and several
   * observations may have the same, so the effect is run once more.
   */
  observe(memory: number, move: number): number {
    const node = this.node(move);
    const cells = this.world.memory;
    this.load(memory);
    this.loaded = -1;
    cells.actor = node.actor;
    cells.access = WRITE;
    try {
      this.world.ledger.spend(node.step!.options[move - node.id]!.cost);
      return observedValue(node.step!.run(move - node.id));
    } finally {
      cells.access = CLOSED;
    }
  }

  /** The memory and the move that first led to a node; undefined where its actor starts. */
  originOf(node: number): { readonly memory: number; readonly move: number } | undefined {
    const memory = this.origins[2 * node]!;
    return memory < 0 ? undefined : { memory, move: this.origins[2 * node + 1]! };
  }

  /** The number of the memory that `words` describe. */
  memoryOf(words: Int32Array): number {
    this.world.memory.words.set(words);
    return this.internCurrent();
  }

  /** Makes a memory the current one, to be looked at. */
  show(memory: number): void {
    this.load(memory);
  }

  /** To be called by whoever restored a memory behind the machine's back. */
  forgetLoaded(): void {
    this.loaded = -1;
  }

  private begin(actor: number): number {
    const { memory } = this.world;
    const advance = this.automaton.start(actor);
    memory.access = WRITE;
    memory.actor = actor;
    this.apply(actor, advance);
    memory.access = CLOSED;
    return this.register(advance.node);
  }

  private execute(memory: number, move: number): number {
    const node = this.node(move);
    try {
      const { effects, memories, moves, verdicts } = this;
      const effect = effects.find(memory, move) ?? this.perform(memory, node, move);
      this.looked?.add(memory, move);
      if (effect.node === BLOCKED) return moves.add(memory, move, BLOCKED, move, effect.footprint);
      const after = memories.after(memory, effect.patches);
      if (this.broken[after] === undefined) verdicts.decide(after, memory, effect.touched, this);
      return moves.add(memory, move, after, effect.node, effect.footprint);
    } catch (error) {
      throw located(error, this.world.actors[node.actor]!.name, node);
    }
  }

  /** Runs the guard of a move and, where that is true, its effect. */
  private perform(memory: number, node: LocalNode, move: number): Effect {
    this.load(memory);
    const cells = this.world.memory;
    cells.actor = node.actor;
    cells.touched.clear();
    const log = (cells.log = [] as number[]);
    let [after, patches]: [number, Patches] = [BLOCKED, new Int32Array(0)];
    try {
      if (this.isEnabled(node, move - node.id)) {
        this.loaded = -1;
        cells.access = WRITE;
        const advance = this.run(node, move - node.id);
        if (advance.retried) this.touches.retriedTo(advance.node.id);
        after = this.register(advance.node, memory, move);
        patches = patchesOf(cells, cells.touched);
      }
    } finally {
      cells.access = CLOSED;
      cells.log = undefined;
    }
    const touched = new Footprint(cells.info.length);
    touched.add(cells.touched);
    const footprint = this.touches.footprints.intern(touched);
    const effect = { node: after, patches, touched, footprint };
    this.touches.ofMove(move, touched);
    this.effects.learn(move, log, effect);
    this.performed.push(memory, move);
    return effect;
  }

  private isEnabled(node: LocalNode, option: number): boolean {
    const step = node.step!;
    this.world.memory.access = READ;
    if (!this.world.ledger.affords(step.options[option]!.cost)) return false;
    return !step.when || step.when(option);
  }

  private run(node: LocalNode, option: number): Advance {
    const step = node.step!;
    this.world.ledger.spend(step.options[option]!.cost);
    const observed = observedValue(step.run(option));
    const advance = this.automaton.advance(node, observed);
    this.apply(node.actor, advance);
    this.world.observer?.took(node, advance);
    return advance;
  }

  private apply(actor: number, advance: Advance): void {
    for (const resource of advance.dropped) resource.dropAtReturn!();
    for (const { operation, value } of advance.completed)
      this.world.ledger.complete(actor, operation, value);
  }

  private register(node: LocalNode, memory = -1, move = -1): number {
    if (this.options[node.id] === undefined) {
      this.origins[2 * node.id] = memory;
      this.origins[2 * node.id + 1] = move;
      const count = node.step?.options.length ?? 0;
      for (let i = 0; i < Math.max(count, 1); i++) this.options[node.id + i] = count;
    }
    return node.id;
  }

  private load(memory: number): void {
    if (this.loaded === memory) return;
    this.memories.restore(memory);
    this.loaded = memory;
  }

  private internCurrent(): number {
    const id = this.memories.intern();
    this.loaded = id;
    if (this.broken[id] === undefined)
      this.verdicts.decide(id, -1, this.world.memory.touched, this);
    return id;
  }
}

/** An observation must be an integer: anything else would not intern. */
export function observedValue(value: unknown): number {
  if (value === undefined) return 0;
  const observed = typeof value === 'boolean' ? Number(value) : value;
  if (typeof observed !== 'number' || !Number.isInteger(observed))
    throw new EngineError(`a step observed ${String(value)}: only integers can be observed`);
  return observed;
}

/** Where it was; an error of the engine's says so itself. */
function located(error: unknown, actor: string, node: LocalNode): unknown {
  noteFunctions(error, functionsOf(node.stack));
  if (!(error instanceof EngineError)) return error;
  const frame = node.stack?.top.def.name ?? 'its program';
  return new EngineError(`${actor}, ${frame}, step '${node.step?.label}': ${error.message}`, {
    cause: error,
  });
}
