import type { Argument, Flow, FlowFunction, Returned } from '../../src/core/flow.js';
import type { Operation } from '../../src/core/automaton.js';
import { Machine } from '../../src/core/machine.js';
import { Memory } from '../../src/core/memory.js';
import type { Schedule } from '../../src/core/schedule.js';
import { Ledger, type Actor, type Condition, type World } from '../../src/core/world.js';
import { ExhaustiveSearch } from '../../src/explore/exhaustive.js';
import type { SearchResult } from '../../src/explore/verdict.js';
import { Run } from '../../src/core/run.js';
import { traceOf } from '../../src/core/trace.js';

/** A world of a few lines: what a test needs and nothing else. */
export interface Tiny<S> {
  /** Lays out the shared state. */
  readonly state: (memory: Memory) => S;
  /** One program per actor. */
  readonly programs: readonly ((s: S) => readonly Operation[])[];
  /** Outcome fields of every operation; none unless given. */
  readonly outcomes?: readonly string[];
  readonly budget?: number;
  readonly properties?: (s: S) => Record<string, () => boolean>;
  readonly condition?: (s: S, ledger: Ledger) => Omit<Condition, 'text'>;
}

export interface Built<S> {
  readonly state: S;
  readonly world: World;
  readonly machine: Machine;
}

/** An operation of a program. */
export function op<A extends readonly Argument[]>(
  name: string,
  fn: (...args: A) => Flow<Returned>,
  ...args: A
): Operation {
  return { name, fn: fn as unknown as FlowFunction, args };
}

/** Lays out a world. The machine is made from it separately: it may refuse. */
export function worldOf<S>(tiny: Tiny<S>): { state: S; world: World } {
  const memory = new Memory(tiny.programs.length);
  const state = tiny.state(memory);
  const actors: Actor[] = tiny.programs.map((program, i) => {
    const operations = program(state);
    return {
      name: `a${i}`,
      program: operations,
      outcomes: operations.map(() => tiny.outcomes ?? []),
    };
  });
  const ledger = new Ledger(memory, actors, tiny.budget ?? 0);
  memory.seal();
  const properties = Object.entries(tiny.properties?.(state) ?? {});
  const condition = tiny.condition?.(state, ledger);
  const world: World = {
    memory,
    actors,
    ledger,
    properties: properties.map(([id, holds]) => ({ id, holds })),
    condition: condition && { ...condition, text: 'the condition' },
  };
  return { state, world };
}

export function build<S>(tiny: Tiny<S>): Built<S> {
  const { state, world } = worldOf(tiny);
  return { state, world, machine: new Machine(world) };
}

/** Every state of a tiny world, or the first that breaks something. */
export function explore<S>(tiny: Tiny<S>, maxStates = 1_000_000): SearchResult {
  return new ExhaustiveSearch(build(tiny).machine, { maxStates }).run();
}

/** The actors of a schedule in which no choice matters. */
export function order(...actors: number[]): Schedule {
  return actors.map((actor) => ({ actor, option: 0 }));
}

/** Replays a schedule. */
export function runOf(machine: Machine, schedule: Schedule): Run {
  const run = new Run(machine);
  for (const decision of schedule) run.take(decision);
  return run;
}

/** Reads state after a schedule. */
export function after<S, T>({ machine }: Built<S>, schedule: Schedule, read: () => T): T {
  return machine.inspect(runOf(machine, schedule).memory, read);
}

/** Does the end of this schedule show what the result says of it? */
export function shows(machine: Machine, property: string, schedule: Schedule): boolean {
  const { run, broken } = traceOf(machine, schedule);
  if (property === 'deadlock') return run.enabled().length === 0 && !run.isFinished;
  if (property !== 'condition') return broken === property;
  const { quantifier, holds } = machine.world.condition!;
  const truth = machine.inspect(run.memory, holds);
  const wanted = quantifier === 'exists' || quantifier === 'not exists' || quantifier === 'never';
  return truth === wanted && (quantifier === 'always' || quantifier === 'never' || run.isFinished);
}
