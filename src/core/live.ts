import type { Operation } from './automaton.js';
import { EngineError } from './errors.js';
import type { Flow, Request, Returned, StepRequest } from './flow.js';
import { observedValue, type Machine } from './machine.js';
import { CLOSED, READ, WRITE } from './memory.js';
import { Run } from './run.js';
import type { Decision } from './schedule.js';

interface LiveFrame {
  readonly request: { name: string; fn: Operation['fn']; args: Operation['args'] };
  flow: Flow<Returned>;
}

/**
 * Debug mode: runs the generators themselves, never replayed, effects and all,
 * beside the interned machine, and compares label, guard, observed value and
 * memory at every step. A flow that carries anything but what its steps
 * returned (a closure variable, a counter of its own) shows up here, because
 * the interned machine never saw the carrier change.
 */
export class LiveRun {
  readonly run: Run;
  private readonly stacks: LiveFrame[][];
  private readonly pending: (StepRequest | undefined)[];
  private readonly operations: number[];

  constructor(private readonly machine: Machine) {
    this.run = new Run(machine);
    this.stacks = machine.world.actors.map(() => []);
    this.operations = machine.world.actors.map(() => 0);
    this.pending = machine.world.actors.map((_, actor) => this.settle(actor, undefined, false));
  }

  /** Takes a step in both worlds. @throws EngineError where they differ. */
  take(decision: Decision): void {
    const { actor, option } = decision;
    const { memory } = this.machine.world;
    const live = this.pending[actor];
    const node = this.machine.node(this.run.nodes[actor]!);
    this.expect(actor, 'label', live?.label, node.step?.label);
    this.machine.memories.restore(this.run.memory);
    memory.actor = actor;
    const enabled = this.run.isEnabled(actor, option);
    this.machine.memories.restore(this.run.memory);
    memory.access = READ;
    const affordable = this.machine.world.ledger.affords(live!.options[option]!.cost);
    this.expect(actor, 'guard', affordable && (live!.when?.(option) ?? true), enabled);
    memory.access = WRITE;
    this.machine.world.ledger.spend(live!.options[option]!.cost);
    const observed = observedValue(live!.run(option));
    const advance = node.next.get(observed);
    if (!advance) throw this.difference(actor, `observed value ${observed}`, 'never seen there');
    for (const resource of advance.dropped) resource.dropAtReturn!();
    this.machine.world.observer?.took(node, advance);
    memory.access = CLOSED;
    this.pending[actor] = this.settle(actor, observed, true);
    const after = this.machine.memories.intern();
    this.run.take(decision);
    this.machine.forgetLoaded();
    this.expect(actor, 'memory', after, this.run.memory);
    this.expect(actor, 'local state', advance.node.id, this.run.nodes[actor]);
  }

  private settle(actor: number, sent: Returned, resume: boolean): StepRequest | undefined {
    const stack = this.stacks[actor]!;
    let value: Returned = sent;
    let started = resume;
    for (;;) {
      const frame = stack.at(-1);
      if (!frame) {
        const next = this.machine.world.actors[actor]!.program[this.operations[actor]!];
        if (!next) return undefined;
        this.push(stack, next);
        started = false;
        continue;
      }
      const result: IteratorResult<Request, Returned> = started
        ? frame.flow.next(value)
        : frame.flow.next();
      started = true;
      if (result.done) {
        stack.pop();
        value = result.value;
        if (stack.length === 0) this.complete(actor, value);
      } else if (result.value.kind === 'step') return result.value;
      else if (result.value.kind === 'call') {
        this.push(stack, result.value);
        started = false;
      } else {
        stack.pop();
        this.push(stack, { ...frame.request, args: result.value.args ?? frame.request.args });
        started = false;
      }
    }
  }

  private complete(actor: number, value: Returned): void {
    const { memory, ledger } = this.machine.world;
    memory.access = WRITE;
    ledger.complete(actor, this.operations[actor]!++, value);
    memory.access = CLOSED;
  }

  private push(stack: LiveFrame[], request: LiveFrame['request']): void {
    stack.push({ request, flow: request.fn(...(request.args as never[])) });
  }

  private expect(actor: number, what: string, live: unknown, interned: unknown): void {
    if (live !== interned)
      throw this.difference(actor, `${what} ${String(live)}`, String(interned));
  }

  private difference(actor: number, live: string, interned: string): EngineError {
    const name = this.machine.world.actors[actor]!.name;
    return new EngineError(
      `${name}, step ${this.run.decisions.length + 1}: ${live} on live generators, ${interned} ` +
        'interned: the flow carries something that its steps did not return',
    );
  }
}
