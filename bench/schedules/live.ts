import type { FlowFunction, Request, Returned, StepRequest } from '../../src/core/flow.js';
import { observedValue } from '../../src/core/machine.js';
import { CLOSED, NOBODY, READ, WRITE } from '../../src/core/memory.js';
import { resourcesOf, type Operation } from '../../src/core/automaton.js';
import type { Resource } from '../../src/core/resources.js';
import type { World } from '../../src/core/world.js';

interface Frame {
  readonly request: { readonly fn: FlowFunction; readonly args: Operation['args'] };
  readonly flow: Generator<Request, Returned, unknown>;
  /** How many dead-on-return locals the caller had. */
  readonly locals: number;
}

/**
 * A world on live generators and nothing else: no interning, no memo. What a
 * test written by hand around a general scheduler would run. Steps are those
 * of the machine: same guards, same effects, same atomicity.
 */
export class LiveWorld {
  private readonly initial: Int32Array;
  private readonly stacks: Frame[][];
  private readonly locals: Resource[][];
  private readonly operations: number[];
  private readonly pending: (StepRequest | undefined)[];

  constructor(readonly world: World) {
    this.initial = world.memory.words.slice();
    this.stacks = world.actors.map(() => []);
    this.locals = world.actors.map(() => []);
    this.operations = world.actors.map(() => 0);
    this.pending = world.actors.map(() => undefined);
    this.restart();
  }

  /** Back to the initial state; every program begins anew. */
  restart(): void {
    const { memory, actors } = this.world;
    memory.words.set(this.initial);
    for (let a = 0; a < actors.length; a++) {
      this.stacks[a]!.length = 0;
      this.locals[a]!.length = 0;
      this.operations[a] = 0;
      memory.actor = a;
      this.pending[a] = this.settle(a, undefined, false);
    }
  }

  isDone(actor: number): boolean {
    return this.pending[actor] === undefined;
  }

  /** Takes the actor's step with an outcome that is enabled; false if it is blocked. */
  step(actor: number, choose: (count: number) => number): boolean {
    const { memory, ledger } = this.world;
    const pending = this.pending[actor]!;
    memory.actor = actor;
    memory.access = READ;
    const option = this.enabledOption(pending, choose);
    memory.access = option < 0 ? CLOSED : WRITE;
    if (option < 0) return false;
    ledger.spend(pending.options[option]!.cost);
    const observed = observedValue(pending.run(option));
    this.changeLocals(actor, pending, observed);
    memory.access = CLOSED;
    this.pending[actor] = this.settle(actor, observed, true);
    return true;
  }

  /** Id of the first property that is broken now: all of them are evaluated anew. */
  firstBroken(): string | undefined {
    const { memory, properties } = this.world;
    memory.access = READ;
    memory.actor = NOBODY;
    let broken: string | undefined;
    for (let i = 0; i < properties.length && broken === undefined; i++)
      if (!properties[i]!.holds()) broken = properties[i]!.id;
    memory.access = CLOSED;
    return broken;
  }

  private enabledOption(step: StepRequest, choose: (count: number) => number): number {
    if (step.options.length === 1) return this.isEnabled(step, 0) ? 0 : -1;
    const enabled = step.options.map((_, i) => i).filter((i) => this.isEnabled(step, i));
    return enabled.length === 0 ? -1 : enabled[choose(enabled.length)]!;
  }

  private isEnabled(step: StepRequest, option: number): boolean {
    const affordable = step.options[option]!.cost <= this.world.ledger.budget;
    return affordable && (!step.when || step.when(option));
  }

  /** Keeps track of the locals that die with their frame. */
  private changeLocals(actor: number, step: StepRequest, observed: number): void {
    const locals = this.locals[actor]!;
    for (const r of resourcesOf(step.releases, observed)) {
      const at = locals.findLastIndex((l) => l.class === r.class && l.instance === r.instance);
      if (at >= 0) locals.splice(at, 1);
    }
    for (const r of resourcesOf(step.acquires, observed)) if (r.dropAtReturn) locals.push(r);
  }

  /** Runs an actor's generators up to its next step, as the kernel's C would run. */
  private settle(actor: number, sent: Returned, resume: boolean): StepRequest | undefined {
    const stack = this.stacks[actor]!;
    let value: Returned = sent;
    let started = resume;
    for (;;) {
      const frame = stack.at(-1);
      if (!frame) {
        const next = this.world.actors[actor]!.program[this.operations[actor]!];
        if (!next) return undefined;
        this.push(actor, next);
        started = false;
        continue;
      }
      const result = started ? frame.flow.next(value) : frame.flow.next();
      started = true;
      if (result.done) {
        this.pop(actor, frame.request.fn.leaves ?? []);
        value = result.value;
        if (stack.length === 0) this.complete(actor, value);
      } else if (result.value.kind === 'step') return result.value;
      else if (result.value.kind === 'call') {
        this.push(actor, result.value);
        started = false;
      } else {
        this.pop(actor, []);
        this.push(actor, {
          fn: frame.request.fn,
          args: result.value.args ?? frame.request.args,
        });
        started = false;
      }
    }
  }

  private push(actor: number, request: Frame['request']): void {
    const flow = request.fn(...(request.args as never[]));
    this.stacks[actor]!.push({ request, flow, locals: this.locals[actor]!.length });
  }

  /** Ends the innermost frame; its dead locals are cleared in memory. */
  private pop(actor: number, leaves: readonly string[]): void {
    const frame = this.stacks[actor]!.pop()!;
    const locals = this.locals[actor]!;
    if (locals.length <= frame.locals) return;
    const own = locals.splice(frame.locals);
    this.world.memory.access = WRITE;
    for (const local of own)
      if (leaves.includes(local.class)) locals.push(local);
      else local.dropAtReturn!();
    this.world.memory.access = CLOSED;
  }

  private complete(actor: number, value: Returned): void {
    const { memory, ledger } = this.world;
    memory.access = WRITE;
    ledger.complete(actor, this.operations[actor]!++, value);
    memory.access = CLOSED;
  }
}
