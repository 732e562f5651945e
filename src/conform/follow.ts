import { invariants } from '../../models/invariants/index.js';
import type { Kernel } from '../../models/kernel.js';
import { outcomeOf } from '../../models/operations.js';
import type { Protocol } from '../../models/protocol.js';
import { buildWorld } from '../../models/world.js';
import { EngineError, InputError } from '../core/errors.js';
import { Machine } from '../core/machine.js';
import { Run } from '../core/run.js';
import type { Plan, Planned } from './plan.js';

/** What an operation of the model gave, field by field, by the outcome's names. */
export type Outcome = Readonly<Record<string, number>>;

/** Looks at the kernel's data right after an operation. */
export type Look = <T>(read: (k: Kernel) => T) => T;

/** Steps after which an operation by itself, with nobody to wait for, is stuck. */
const MAX_STEPS = 50_000;
/** Bytes of distinct memories after which a sequence is given up. */
const MAX_BYTES = 256 << 20;

/**
 * Drives the model through a plan, one operation after the other: a single
 * thread, the environment's default choices.
 */
export class Follower {
  private readonly machine: Machine;
  private readonly kernel: Kernel;
  private readonly run: Run;
  private started = 0;

  constructor(
    private readonly plan: Plan,
    protocol: Protocol,
  ) {
    const { world, kernel } = buildWorld(plan.scenario, protocol, invariants);
    this.machine = new Machine(world);
    this.kernel = kernel;
    this.run = new Run(this.machine);
  }

  /** Runs one operation to its end. @throws EngineError if the model gets stuck in it. */
  follow(planned: Planned): { outcome: Outcome; look: Look } {
    const look: Look = (read) => this.machine.inspect(this.run.memory, () => read(this.kernel));
    if (!planned.call) return { outcome: { r: planned.refused }, look };
    const operation = this.started++;
    this.complete(operation, planned);
    const { ledger } = this.machine.world;
    const outcome = look(() =>
      Object.fromEntries(
        outcomeOf(planned.call!).map((field, i) => [field, ledger.outcome(0, operation, i)]),
      ),
    );
    return { outcome, look };
  }

  private complete(operation: number, planned: Planned): void {
    const { run, machine } = this;
    for (let steps = 0; this.operation <= operation; steps++) {
      if (steps === MAX_STEPS) throw new EngineError(`the operation does not end`);
      if (!run.isEnabled(0, 0)) throw new EngineError(`the operation waits for ever`);
      run.take({ actor: 0, option: 0 });
    }
    if (machine.memories.bytes > MAX_BYTES)
      throw new InputError(
        `${this.plan.sequence.file}:${planned.line.number}: sequence ` +
          `${this.plan.sequence.seq} takes the model more memory than it may have`,
      );
  }

  /** Number of the operation that the thread is in. */
  private get operation(): number {
    return this.machine.node(this.run.nodes[0]!).operation;
  }
}
