import { EngineError, noteFunctions } from './errors.js';
import type { Argument, FlowFunction, Resources, Returned, StepRequest } from './flow.js';
import { FrameTable, type FrameState } from './frames.js';
import type { Memory } from './memory.js';
import { HeldTable, type Held, type Resource } from './resources.js';

/** One operation of an actor's program: a flow and its arguments. */
export interface Operation {
  readonly name: string;
  readonly fn: FlowFunction;
  readonly args: readonly Argument[];
}

/** The call stack as a shared list; `heldAtEntry` is what the caller held. */
export interface Stack {
  readonly id: number;
  readonly top: FrameState;
  readonly below: Stack | undefined;
  readonly heldAtEntry: Held;
  readonly depth: number;
}

/**
 * An actor's local state: where it is in its program, its call stack, what it
 * holds. Its id is the number of its first move; a step with n options takes
 * n consecutive numbers, so (node + option) names a move.
 */
export interface LocalNode {
  readonly id: number;
  readonly actor: number;
  readonly operation: number;
  readonly stack: Stack | undefined;
  readonly held: Held;
  /** The pending step; undefined when the program is finished. */
  readonly step: StepRequest | undefined;
  readonly next: Map<number, Advance>;
}

/** What follows from a step's observation, without touching memory. */
export interface Advance {
  readonly node: LocalNode;
  /** Operations that completed, with what they returned. */
  readonly completed: readonly { operation: number; value: Returned }[];
  /** Dead locals, to be cleared in memory. */
  readonly dropped: readonly Resource[];
  /** A frame was restarted: the actor has retried something. */
  readonly retried: boolean;
  /** Functions that returned, in their order. */
  readonly returned: readonly string[];
}

const MAX_SILENT = 10_000;

/** Deeper than any stack of the kernel's. */
const DEEPEST = 100;

/** How far calls and returns have been followed, and whose code is looked at. */
interface At {
  stack: Stack | undefined;
  running: string;
}

/** What a stack is made of, the innermost first. */
export function functionsOf(stack: Stack | undefined): readonly string[] {
  const names: string[] = [];
  for (let at = stack; at; at = at.below) names.push(at.top.def.name);
  return names;
}

/** The local automata of all actors, discovered as the search needs them. */
export class Automaton {
  readonly frames: FrameTable;
  readonly held = new HeldTable();
  /** Indexed by move number; moves of one node share the node. */
  readonly nodes: LocalNode[] = [];
  /** Pairs of local state and observation that were seen. */
  edges = 0;
  private readonly byKey = new Map<string, LocalNode>();
  private readonly stacks = new Map<string, Stack>();

  constructor(
    memory: Memory,
    private readonly programs: readonly (readonly Operation[])[],
  ) {
    this.frames = new FrameTable(memory);
  }

  /** Where an actor's program begins. */
  start(actor: number): Advance {
    return this.settle(actor, 0, undefined, this.held.none);
  }

  /** The local state after the pending step of `node` observed `observed`. */
  advance(node: LocalNode, observed: number): Advance {
    let next = node.next.get(observed);
    if (!next) {
      node.next.set(observed, (next = this.build(node, observed)));
      this.edges++;
    }
    return next;
  }

  private build(node: LocalNode, observed: number): Advance {
    const { step, stack } = node;
    if (!step || !stack) throw new EngineError('a finished actor was advanced');
    try {
      const held = this.afterHoldChange(node.held, step, observed);
      const top = this.frames.child(stack.top, observed);
      const pushed = this.push(stack.below, top, stack.heldAtEntry);
      return this.settle(node.actor, node.operation, pushed, held);
    } catch (error) {
      noteFunctions(error, functionsOf(stack));
      throw error;
    }
  }

  private afterHoldChange(before: Held, step: StepRequest, observed: number): Held {
    let held = before;
    for (const r of resourcesOf(step.releases, observed)) held = this.held.release(held, r);
    for (const r of resourcesOf(step.acquires, observed)) held = this.held.acquire(held, r);
    return held;
  }

  /** Follows calls, returns and restarts until a step is pending or all is done. */
  private settle(actor: number, operation: number, from: Stack | undefined, held: Held): Advance {
    const at: At = { stack: from, running: '' };
    try {
      return this.follow(actor, operation, at, held);
    } catch (error) {
      noteFunctions(error, [at.running, ...functionsOf(at.stack)]);
      throw error;
    }
  }

  private follow(actor: number, operation: number, at: At, held: Held): Advance {
    let { stack } = at;
    let retried = false;
    const completed: { operation: number; value: Returned }[] = [];
    const dropped: Resource[] = [];
    const returned: string[] = [];
    for (let silent = 0; silent < MAX_SILENT; silent++) {
      at.stack = stack;
      if (!stack) {
        const next = this.programs[actor]![operation];
        if (!next)
          return { node: this.finished(actor, operation), completed, dropped, retried, returned };
        at.running = next.name;
        const def = this.frames.def(next.name, next.fn, next.args);
        stack = this.push(undefined, this.frames.root(def), held);
        continue;
      }
      const { pending, def } = stack.top;
      at.running = def.name;
      if (pending.kind === 'step') {
        const node = this.node(actor, operation, stack, held);
        return { node, completed, dropped, retried, returned };
      }
      if (pending.kind === 'call') {
        at.running = pending.name;
        const callee = this.frames.def(pending.name, pending.fn, pending.args);
        stack = this.push(stack, this.frames.root(callee), held);
        continue;
      }
      const leaves = pending.kind === 'again' ? [] : (def.fn.leaves ?? []);
      held = this.leave(def.name, stack.heldAtEntry, held, leaves, dropped);
      if (pending.kind === 'return') returned.push(def.name);
      if (pending.kind === 'again') {
        const fresh = pending.args ? this.frames.def(def.name, def.fn, pending.args) : def;
        stack = this.push(stack.below, this.frames.root(fresh), held);
        retried = true;
      } else if (stack.below) {
        const caller: Stack = stack.below;
        at.running = caller.top.def.name;
        const top = this.frames.child(caller.top, pending.value);
        stack = this.push(caller.below, top, caller.heldAtEntry);
      } else {
        completed.push({ operation, value: pending.value });
        operation++;
        stack = undefined;
      }
    }
    throw new EngineError(`${stack?.top.def.name ?? 'a program'} loops without a step`);
  }

  /** Checks what a frame still holds when it ends, and drops its dead locals. */
  private leave(
    name: string,
    before: Held,
    after: Held,
    leaves: readonly string[],
    dropped: Resource[],
  ): Held {
    const { gained, lost } = this.held.difference(before, after);
    let held = after;
    for (const resource of gained) {
      if (leaves.includes(resource.class)) continue;
      if (!resource.dropAtReturn)
        throw new EngineError(
          `${name} ends holding ${resource.instance} (${resource.class}), which it does not declare`,
        );
      dropped.push(resource);
      held = this.held.release(held, resource);
    }
    for (const resource of lost)
      if (!leaves.includes(resource.class))
        throw new EngineError(
          `${name} gives up ${resource.instance} (${resource.class}) of its caller undeclared`,
        );
    return held;
  }

  private push(below: Stack | undefined, top: FrameState, heldAtEntry: Held): Stack {
    const key = `${below?.id ?? -1} ${top.id} ${heldAtEntry.id}`;
    let stack = this.stacks.get(key);
    if (stack) return stack;
    const depth = (below?.depth ?? 0) + 1;
    if (depth > DEEPEST)
      throw new EngineError(
        `${top.def.name}() is called ${DEEPEST} deep: it calls itself for ever`,
      );
    stack = { id: this.stacks.size, top, below, heldAtEntry, depth };
    this.stacks.set(key, stack);
    return stack;
  }

  private finished(actor: number, operation: number): LocalNode {
    return this.intern(`${actor} done`, actor, operation, undefined, this.held.none, undefined);
  }

  private node(actor: number, operation: number, stack: Stack, held: Held): LocalNode {
    const key = `${actor} ${operation} ${stack.id} ${held.id}`;
    const pending = stack.top.pending;
    if (pending.kind !== 'step') throw new EngineError('a node without a pending step');
    if (pending.options.length === 0)
      throw new EngineError(`step '${pending.label}' has no options: it would pass for an end`);
    return this.intern(key, actor, operation, stack, held, pending);
  }

  private intern(
    key: string,
    actor: number,
    operation: number,
    stack: Stack | undefined,
    held: Held,
    step: StepRequest | undefined,
  ): LocalNode {
    let node = this.byKey.get(key);
    if (!node) {
      node = { id: this.nodes.length, actor, operation, stack, held, step, next: new Map() };
      for (let i = 0; i < (step?.options.length ?? 1); i++) this.nodes.push(node);
      this.byKey.set(key, node);
    }
    return node;
  }
}

/** The resources that a step names, given what it observed. */
export function resourcesOf(
  resources: Resources | undefined,
  observed: number,
): readonly Resource[] {
  return typeof resources === 'function' ? resources(observed) : (resources ?? []);
}
