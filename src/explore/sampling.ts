import { BLOCKED, FINE, type Machine } from '../core/machine.js';
import type { Decision, Schedule } from '../core/schedule.js';
import { CONDITION, DEADLOCK, type SearchResult } from './verdict.js';

/** How many schedules to draw, from which seed, and when to give one up. */
export interface Sampling {
  readonly runs: number;
  readonly seed: number;
  readonly maxSteps: number;
}

/** Chooses the next move of a run. A strategy is one of these. */
export interface Chooser {
  readonly name: string;
  /** A new run begins. */
  begin(walk: Walk): void;
  /** The actor to try next; it may turn out to be blocked. */
  pick(walk: Walk): number;
  /** The picked actor was blocked. */
  blocked(actor: number): void;
  /** Which of the outcomes that are enabled to take. */
  option(count: number): number;
}

const OPTION_BITS = 16;

/** A run in flat arrays: what random strategies drive, millions of steps a second. */
export class Walk {
  memory = 0;
  steps = 0;
  /** Actors that have not finished, in the first `runnable` places. */
  readonly running: Int32Array;
  runnable = 0;
  readonly nodes: Int32Array;
  private readonly log: Int32Array;

  constructor(
    readonly machine: Machine,
    maxSteps: number,
  ) {
    this.nodes = new Int32Array(machine.initialNodes.length);
    this.running = new Int32Array(machine.initialNodes.length);
    this.log = new Int32Array(maxSteps);
  }

  restart(): void {
    this.memory = this.machine.initialMemory;
    this.nodes.set(this.machine.initialNodes);
    this.steps = 0;
    this.runnable = 0;
    for (let a = 0; a < this.nodes.length; a++)
      if (!this.machine.isDone(this.nodes[a]!)) this.running[this.runnable++] = a;
  }

  /** Tries to move an actor. False when its step is blocked. */
  move(actor: number, option: number): boolean {
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

  /**
   * Tries to move an actor, with an outcome that is enabled. The outcome is not
   * drawn blindly: an actor must not be picked less often because some of its
   * outcomes are beyond the fault budget.
   */
  moveSomehow(actor: number, choose: (count: number) => number): boolean {
    const node = this.nodes[actor]!;
    const count = this.machine.options[node]!;
    if (count === 1) return this.move(actor, 0);
    let enabled = 0;
    for (let option = 0; option < count; option++) if (this.isOpen(node + option)) enabled++;
    if (enabled === 0) return false;
    let drawn = choose(enabled);
    for (let option = 0; ; option++)
      if (this.isOpen(node + option) && drawn-- === 0) return this.move(actor, option);
  }

  private isOpen(move: number): boolean {
    return this.machine.moves.memoryAt(this.machine.look(this.memory, move)) !== BLOCKED;
  }

  /** Can anybody move at all? */
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

  private retire(actor: number): void {
    const at = this.running.indexOf(actor);
    this.running[at] = this.running[--this.runnable]!;
  }
}

/**
 * Draws schedules and checks every state they pass through. Blocked picks are
 * drawn again, so a uniform chooser stays uniform over the enabled actors.
 */
export function sample(machine: Machine, chooser: Chooser, sampling: Sampling): SearchResult {
  const walk = new Walk(machine, sampling.maxSteps);
  const visited = new Checker(machine);
  const totals = { transitions: 0, longest: 0, cut: 0 };
  for (let run = 0; run < sampling.runs; run++) {
    walk.restart();
    chooser.begin(walk);
    const found = visited.start(walk) ?? runToEnd(walk, chooser, visited, sampling.maxSteps);
    totals.transitions += walk.steps;
    totals.longest = Math.max(totals.longest, walk.steps);
    if (found === 'cut') totals.cut++;
    else if (found) return finish(machine, chooser, run + 1, totals, found, walk.schedule);
  }
  return finish(machine, chooser, sampling.runs, totals, undefined, null);
}

function runToEnd(
  walk: Walk,
  chooser: Chooser,
  checker: Checker,
  maxSteps: number,
): string | undefined {
  let refused = 0;
  while (walk.runnable > 0) {
    if (walk.steps === maxSteps) return 'cut';
    const actor = chooser.pick(walk);
    if (walk.moveSomehow(actor, chooser.option)) {
      refused = 0;
      const broken = checker.state(walk);
      if (broken) return broken;
    } else {
      chooser.blocked(actor);
      if (++refused >= walk.runnable && walk.isStuck) return DEADLOCK;
    }
  }
  return checker.final(walk);
}

/** Decides properties and the condition on the states of a walk. */
class Checker {
  private readonly truth = new Map<number, boolean>();
  private readonly everyState: boolean;
  constructor(private readonly machine: Machine) {
    const quantifier = machine.world.condition?.quantifier;
    this.everyState = quantifier === 'always' || quantifier === 'never';
  }

  start(walk: Walk): string | undefined {
    return this.state(walk);
  }

  state(walk: Walk): string | undefined {
    const broken = this.machine.broken[walk.memory]!;
    if (broken !== FINE) return this.machine.world.properties[broken]!.id;
    if (!this.everyState) return undefined;
    const wanted = this.machine.world.condition!.quantifier === 'always';
    return this.holds(walk.memory) === wanted ? undefined : CONDITION;
  }

  final(walk: Walk): string | undefined {
    const condition = this.machine.world.condition;
    if (!condition || this.everyState) return undefined;
    const stop = condition.quantifier !== 'forall';
    return this.holds(walk.memory) === stop ? CONDITION : undefined;
  }

  private holds(memory: number): boolean {
    let truth = this.truth.get(memory);
    if (truth === undefined) {
      truth = this.machine.inspect(memory, this.machine.world.condition!.holds);
      this.truth.set(memory, truth);
    }
    return truth;
  }
}

function finish(
  machine: Machine,
  chooser: Chooser,
  runs: number,
  totals: { transitions: number; longest: number; cut: number },
  found: string | undefined,
  schedule: Schedule | null,
): SearchResult {
  const counts = { states: 0, transitions: totals.transitions };
  const wanted = machine.world.condition?.quantifier === 'exists';
  const cut = totals.cut > 0 ? `, ${totals.cut} of them cut short` : '';
  const note = `${runs} schedules sampled (${chooser.name}), longest ${totals.longest} steps${cut}`;
  const base = { ...counts, footing: 'sampled', schedule, note } as const;
  if (found === CONDITION && wanted) return { ...base, verdict: 'holds', property: null };
  if (found) return { ...base, verdict: 'violated', property: found };
  if (wanted)
    return {
      ...base,
      footing: null,
      verdict: 'undecided',
      property: null,
      note: `${note}; no witness`,
    };
  return { ...base, verdict: 'holds', property: null };
}
