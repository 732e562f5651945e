import { BLOCKED, FINE, type Machine } from './machine.js';
import type { Decision } from './schedule.js';

/**
 * One run of a machine, decision by decision. Random walks, priorities and
 * replays are all ways of choosing the next decision of a run.
 */
export class Run {
  memory: number;
  readonly nodes: Int32Array;
  readonly decisions: Decision[] = [];

  constructor(readonly machine: Machine) {
    this.memory = machine.initialMemory;
    this.nodes = machine.initialNodes.slice();
  }

  isDone(actor: number): boolean {
    return this.machine.isDone(this.nodes[actor]!);
  }

  /** Can the actor take its pending step, with this outcome? */
  isEnabled(actor: number, option: number): boolean {
    const node = this.nodes[actor]!;
    if (option >= this.machine.options[node]!) return false;
    const at = this.machine.look(this.memory, node + option);
    return this.machine.moves.memoryAt(at) !== BLOCKED;
  }

  /** Everything that could happen next, in a fixed order. */
  enabled(): Decision[] {
    const all: Decision[] = [];
    this.nodes.forEach((node, actor) => {
      for (let option = 0; option < this.machine.options[node]!; option++)
        if (this.isEnabled(actor, option)) all.push({ actor, option });
    });
    return all;
  }

  /** Takes an enabled step. */
  take(decision: Decision): void {
    const at = this.machine.look(this.memory, this.nodes[decision.actor]! + decision.option);
    this.memory = this.machine.moves.memoryAt(at);
    this.nodes[decision.actor] = this.machine.moves.nodeAt(at);
    this.decisions.push(decision);
  }

  get isFinished(): boolean {
    return this.nodes.every((_, actor) => this.isDone(actor));
  }

  /** Id of the property that the present memory breaks, if any. */
  get broken(): string | undefined {
    const index = this.machine.broken[this.memory]!;
    return index === FINE ? undefined : this.machine.world.properties[index]!.id;
  }
}
