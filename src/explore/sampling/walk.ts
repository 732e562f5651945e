import { BLOCKED, type Machine } from '../../core/machine.js';
import type { Decision, Schedule } from '../../core/schedule.js';
import { Integers } from './integers.js';

const OPTION_BITS = 16;

/** A run in flat arrays: what strategies drive, millions of steps a second. */
export class Walk {
  run = 0;
  memory = 0;
  steps = 0;
  /** Actors that have not finished, in the first `runnable` places. */
  readonly running: Int32Array;
  runnable = 0;
  readonly nodes: Int32Array;
  /** Whatever is drawn in this run comes from here. */
  readonly random: Integers;
  /** Has an outcome been drawn, not only an actor? */
  hasChosen = false;
  /** Has an actor been held back because it went in circles? */
  hasSpun = false;
  private readonly log: Int32Array;

  constructor(
    readonly machine: Machine,
    private readonly seed: number,
    readonly maxSteps: number,
  ) {
    this.nodes = new Int32Array(machine.initialNodes.length);
    this.running = new Int32Array(machine.initialNodes.length);
    this.log = new Int32Array(maxSteps);
    this.random = new Integers(seed);
  }

  /** Goes back to the start, as run number `run`. */
  restart(run: number): void {
    this.run = run;
    this.random.restart(this.seed, run);
    this.memory = this.machine.initialMemory;
    this.nodes.set(this.machine.initialNodes);
    this.steps = 0;
    this.hasChosen = false;
    this.hasSpun = false;
    this.runnable = 0;
    for (let a = 0; a < this.nodes.length; a++)
      if (!this.machine.isDone(this.nodes[a]!)) this.running[this.runnable++] = a;
  }

  /**
   * Tries to move an actor, with an outcome that is enabled. False when its
   * step is blocked. The outcome is not drawn blindly: an actor must not be
   * picked less often because some of its outcomes are beyond the fault budget.
   */
  move(actor: number): boolean {
    const node = this.nodes[actor]!;
    const count = this.machine.options[node]!;
    if (count === 1) return this.take(actor, 0);
    let enabled = 0;
    for (let option = 0; option < count; option++) if (this.isOpen(node + option)) enabled++;
    if (enabled === 0) return false;
    if (enabled > 1) this.hasChosen = true;
    let drawn = this.random.below(enabled);
    for (let option = 0; ; option++)
      if (this.isOpen(node + option) && drawn-- === 0) return this.take(actor, option);
  }

  /** Can nobody move at all? */
  get isStuck(): boolean {
    for (let i = 0; i < this.runnable; i++) {
      const node = this.nodes[this.running[i]!]!;
      for (let option = 0; option < this.machine.options[node]!; option++)
        if (this.isOpen(node + option)) return false;
    }
    return true;
  }

  get schedule(): Schedule {
    return Array.from(this.log.subarray(0, this.steps), (word): Decision => ({
      actor: word >> OPTION_BITS,
      option: word & ((1 << OPTION_BITS) - 1),
    }));
  }

  /** Who moved, step by step. */
  get actors(): number[] {
    return this.schedule.map(({ actor }) => actor);
  }

  private take(actor: number, option: number): boolean {
    const { machine } = this;
    const at = machine.look(this.memory, this.nodes[actor]! + option);
    const memory = machine.moves.memoryAt(at);
    if (memory === BLOCKED) return false;
    const node = machine.moves.nodeAt(at);
    this.memory = memory;
    this.nodes[actor] = node;
    this.log[this.steps++] = (actor << OPTION_BITS) | option;
    if (machine.options[node] === 0) this.retire(actor);
    return true;
  }

  private isOpen(move: number): boolean {
    return this.machine.moves.memoryAt(this.machine.look(this.memory, move)) !== BLOCKED;
  }

  private retire(actor: number): void {
    const at = this.running.indexOf(actor);
    this.running[at] = this.running[--this.runnable]!;
  }
}
