import type { Machine } from '../core/machine.js';
import { Run } from '../core/run.js';
import type { Decision, Schedule } from '../core/schedule.js';
import { DEADLOCK } from '../explore/verdict.js';
import { turnsOf, type Drawn, type Turns } from './turns.js';

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
 * Runs a drawn schedule until a property breaks, everybody has finished or
 * nobody can move. Checks the world's properties in every state; not its condition.
 */
export function runSchedule(machine: Machine, drawn: Drawn, maxSteps = MAX_STEPS): PlannedRun {
  const driven = new Driven(machine, drawn);
  const { run } = driven;
  let broken = run.broken;
  while (broken === undefined && !run.isFinished && run.decisions.length < maxSteps) {
    const decision = driven.next();
    if (decision) run.take(decision);
    broken = decision ? run.broken : DEADLOCK;
  }
  return {
    schedule: run.decisions,
    broken,
    isCut: broken === undefined && !run.isFinished,
  };
}

/** A run that follows a drawn schedule. */
class Driven {
  readonly run: Run;
  private readonly turns: Turns;
  private readonly picks: ReadonlyMap<number, number>;
  private current = 0;
  private choices = 0;
  /** States since the running actor took over: one seen again means that it spins. */
  private readonly seen = new Set<string>();

  constructor(machine: Machine, drawn: Drawn) {
    this.run = new Run(machine);
    this.turns = turnsOf(drawn, this.run.nodes.length);
    this.picks = new Map(drawn.picks.map((p) => [p.choice, p.option]));
  }

  /** The next decision; undefined when nobody can move. */
  next(): Decision | undefined {
    const open = enabledInTurn(this.run, this.current);
    if (open.length === 0) return undefined;
    const actor = this.turns({
      step: this.run.decisions.length,
      current: this.current,
      enabled: open.map((o) => o.actor),
      spins: () => this.spins(),
    });
    if (actor !== this.current) this.turnTo(actor);
    const { options } = open.find((o) => o.actor === actor)!;
    return { actor, option: this.pick(options) };
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
