import type { Machine } from '../core/machine.js';
import { Run } from '../core/run.js';
import type { Decision, Schedule } from '../core/schedule.js';
import { DEADLOCK } from '../explore/verdict.js';
import type { Plan } from './plan.js';

/** What became of a planned run. */
export interface PlannedRun {
  /** The decisions that were taken: replays, traces and tokens start from these. */
  readonly schedule: Schedule;
  /** The first property that broke, or `deadlock`; undefined when all went well. */
  readonly broken: string | undefined;
  /** The run was given up after `maxSteps`. */
  readonly isCut: boolean;
}

/** Steps after which a run is given up: two actors may wait for a third in turn. */
const MAX_STEPS = 5000;

/**
 * Runs a plan until a property breaks, everybody has finished or nobody can
 * move. Checks the world's properties in every state; not its condition.
 */
export function runSchedule(machine: Machine, plan: Plan, maxSteps = MAX_STEPS): PlannedRun {
  const planned = new Planned(machine, plan);
  const { run } = planned;
  let broken = run.broken;
  while (broken === undefined && !run.isFinished && run.decisions.length < maxSteps) {
    const decision = planned.next();
    if (decision) run.take(decision);
    broken = decision ? run.broken : DEADLOCK;
  }
  return {
    schedule: run.decisions,
    broken,
    isCut: broken === undefined && !run.isFinished,
  };
}

/** A run that follows a plan. */
class Planned {
  readonly run: Run;
  private readonly switches: ReadonlyMap<number, number>;
  private readonly picks: ReadonlyMap<number, number>;
  private current = 0;
  private choices = 0;
  /** States since the running actor took over: one seen again means that it spins. */
  private readonly seen = new Set<string>();

  constructor(machine: Machine, plan: Plan) {
    this.run = new Run(machine);
    this.switches = new Map(plan.preemptions.map((p) => [p.step, p.other]));
    this.picks = new Map(plan.picks.map((p) => [p.choice, p.option]));
  }

  /** The next decision; undefined when nobody can move. */
  next(): Decision | undefined {
    const open = enabledInTurn(this.run, this.current);
    if (open.length === 0) return undefined;
    const other = this.switches.get(this.run.decisions.length);
    const others = open.filter((o) => o.actor !== this.current);
    const isFirst = open[0]!.actor === this.current;
    if (others.length > 0 && (other !== undefined || !isFirst || this.spins()))
      this.turnTo(others[(other ?? 0) % others.length]!.actor);
    const { options } = open.find((o) => o.actor === this.current)!;
    return { actor: this.current, option: this.pick(options) };
  }

  private spins(): boolean {
    const state = `${this.run.memory} ${this.run.nodes.join(' ')}`;
    if (this.seen.has(state)) return true;
    this.seen.add(state);
    return false;
  }

  private turnTo(actor: number): void {
    this.current = actor;
    this.seen.clear();
  }

  private pick(options: readonly number[]): number {
    if (options.length === 1) return options[0]!;
    const wanted = this.picks.get(this.choices++) ?? 0;
    return options[wanted % options.length]!;
  }
}

/** Actors that can move with their enabled options; the running one is first. */
export function enabledInTurn(run: Run, current: number): { actor: number; options: number[] }[] {
  const count = run.nodes.length;
  const found: { actor: number; options: number[] }[] = [];
  for (let i = 0; i < count; i++) {
    const actor = (current + i) % count;
    const options: number[] = [];
    const all = run.machine.options[run.nodes[actor]!]!;
    for (let option = 0; option < all; option++)
      if (run.isEnabled(actor, option)) options.push(option);
    if (options.length > 0) found.push({ actor, options });
  }
  return found;
}
