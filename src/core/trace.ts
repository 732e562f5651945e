import { argumentKey } from './frames.js';
import { resourcesOf, type Stack } from './automaton.js';
import type { Machine } from './machine.js';
import type { CellInfo } from './memory.js';
import { Run } from './run.js';
import type { Decision, Schedule } from './schedule.js';
import type { Resource } from './resources.js';

/** A frame of the call stack, as reports print it. */
export interface TraceFrame {
  readonly name: string;
  readonly args: readonly string[];
}

/** One step of a run, with all that a report needs of it. */
export interface TraceStep {
  readonly index: number;
  readonly actor: number;
  readonly operation: number;
  readonly frames: readonly TraceFrame[];
  readonly label: string;
  /** Name of the outcome the environment chose; empty for ordinary steps. */
  readonly option: string;
  readonly observed: number;
  readonly retried: boolean;
  readonly acquired: readonly Resource[];
  readonly released: readonly Resource[];
  /** What the actor holds after the step. */
  readonly held: readonly Resource[];
  readonly changes: readonly CellChange[];
  /** Operations that completed with this step, and what they returned. */
  readonly completed: readonly { operation: number; values: readonly number[] }[];
  /** Was this a switch away from an actor that could have gone on? */
  readonly preempts: boolean;
}

export interface CellChange {
  readonly cell: CellInfo;
  readonly before: number;
  readonly after: number;
}

export interface Trace {
  readonly steps: readonly TraceStep[];
  readonly preemptions: number;
  /** The property broken by the last state, if any. */
  readonly broken: string | undefined;
  readonly run: Run;
}

/**
 * Replays a schedule and records it. The schedule must fit the machine.
 * @throws RangeError naming the first decision that is not possible.
 */
export function traceOf(machine: Machine, schedule: Schedule): Trace {
  const run = new Run(machine);
  const steps: TraceStep[] = [];
  schedule.forEach((decision, index) => {
    if (!run.isEnabled(decision.actor, decision.option))
      throw new RangeError(`decision ${index + 1} of ${schedule.length} is not possible here`);
    const last = steps.at(-1)?.actor;
    const preempts = last !== undefined && last !== decision.actor && canGoOn(run, last);
    steps.push(takeStep(run, decision, index, preempts));
  });
  return { steps, preemptions: steps.filter((s) => s.preempts).length, broken: run.broken, run };
}

function canGoOn(run: Run, actor: number): boolean {
  const count = run.machine.options[run.nodes[actor]!]!;
  for (let option = 0; option < count; option++) if (run.isEnabled(actor, option)) return true;
  return false;
}

function takeStep(run: Run, decision: Decision, index: number, preempts: boolean): TraceStep {
  const { machine } = run;
  const node = machine.node(run.nodes[decision.actor]!);
  const before = run.memory;
  const observed = machine.observe(before, run.nodes[decision.actor]! + decision.option);
  run.take(decision);
  const after = machine.node(run.nodes[decision.actor]!);
  const advance = node.next.get(observed)!;
  const step = node.step!;
  return {
    index,
    actor: decision.actor,
    operation: node.operation,
    frames: framesOf(node.stack),
    label: step.label,
    option: step.options[decision.option]!.name,
    observed,
    retried: advance.retried,
    acquired: resourcesOf(step.acquires, observed),
    released: resourcesOf(step.releases, observed),
    held: after.held.list,
    changes: changes(machine, before, run.memory),
    completed: advance.completed.map(({ operation, value }) => ({
      operation,
      values: typeof value === 'object' ? value : [Number(value ?? 0)],
    })),
    preempts,
  };
}

function framesOf(stack: Stack | undefined): TraceFrame[] {
  const frames: TraceFrame[] = [];
  for (let at = stack; at; at = at.below)
    frames.unshift({ name: at.top.def.name, args: at.top.def.args.map(argumentKey) });
  return frames;
}

function changes(machine: Machine, before: number, after: number): CellChange[] {
  const { memory } = machine.world;
  machine.memories.restore(before);
  const old = memory.values();
  machine.memories.restore(after);
  machine.forgetLoaded();
  const now = memory.values();
  return memory.info.flatMap((cell, i) =>
    old[i] === now[i] ? [] : [{ cell, before: old[i]!, after: now[i]! }],
  );
}
