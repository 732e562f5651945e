import type { Operation } from './automaton.js';
import { Memory } from './memory.js';
import type { Observer } from './observer.js';
import type { Symmetry } from './symmetry.js';

/** A named predicate on memory that must hold in every state. */
export interface Property {
  readonly id: string;
  /** Reads memory through views; true when all is well. */
  readonly holds: () => boolean;
}

/** A predicate on memory over final states or over all states. */
export interface Condition {
  readonly quantifier: 'exists' | 'not exists' | 'forall' | 'always' | 'never';
  readonly text: string;
  readonly holds: () => boolean;
}

/** Everything a search needs: memory, programs, what must hold. */
export interface World {
  readonly memory: Memory;
  readonly actors: readonly Actor[];
  readonly properties: readonly Property[];
  readonly condition: Condition | undefined;
  /** Renamings that should change nothing: all of a group but the identity. */
  readonly symmetries?: () => readonly Symmetry[];
  /** Groups of cells of things that are all alike: see alike.ts. */
  readonly alike?: readonly (readonly number[])[];
  /** Cells that the engine keeps for itself. */
  readonly ledger: Ledger;
  /** Where the condition asks for the order of steps. */
  readonly observer?: Observer | undefined;
}

export interface Actor {
  readonly name: string;
  readonly program: readonly Operation[];
  /** Fields of each operation's outcome, in the order flows return them. */
  readonly outcomes: readonly (readonly string[])[];
}

/** Value of an outcome cell before its operation has completed. */
export const PENDING = -200;

/**
 * The engine's own cells: the outcome of every operation, so that conditions
 * can speak of return values, and what is left of the fault budget.
 */
export class Ledger {
  private readonly base: number[][] = [];
  private readonly budgetAt: number;

  constructor(
    readonly memory: Memory,
    readonly actors: readonly Actor[],
    budget: number,
    /** Largest value that an outcome may have. */
    private readonly largest = 32767,
  ) {
    this.budgetAt = memory.declare('fault_budget', 0, Math.max(budget, 0), budget);
    for (const actor of actors) this.base.push(actor.program.map((_, op) => this.row(actor, op)));
  }

  private row(actor: Actor, op: number): number {
    const first = this.memory.info.length;
    for (const field of actor.outcomes[op]!)
      this.memory.declare(`${actor.name}:${field}${op}`, PENDING, this.largest, PENDING);
    return first;
  }

  /** Address of one field of an operation's outcome. */
  address(actor: number, op: number, field: number): number {
    return this.base[actor]![op]! + field;
  }

  /** One field of an operation's outcome; PENDING before it has completed. */
  outcome(actor: number, op: number, field: number): number {
    return this.memory.load(this.address(actor, op, field));
  }

  /** Stores what an operation returned. */
  complete(actor: number, op: number, value: unknown): void {
    const values = typeof value === 'object' ? (value as readonly number[]) : [Number(value ?? 0)];
    this.actors[actor]!.outcomes[op]!.forEach((_, field) =>
      this.memory.store(this.address(actor, op, field), values[field] ?? 0),
    );
  }

  get budget(): number {
    return this.memory.load(this.budgetAt);
  }
  /** Can the environment still afford this? What is free asks nobody. */
  affords(cost: number): boolean {
    return cost === 0 || cost <= this.budget;
  }
  spend(cost: number): void {
    if (cost > 0) this.memory.store(this.budgetAt, this.budget - cost);
  }
}
