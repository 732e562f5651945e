import { BLOCKED, type Machine } from '../core/machine.js';
import type { Decision, Schedule } from '../core/schedule.js';
import { isBroken, type Goal } from './goal.js';
import { IntList } from './ints.js';
import { hashRow, StateTable } from './states.js';

/** The column of the actor that moved last; beyond any local state's number. */
const LAST = 0xff00;

/** A move out of a state, and what it costs. */
interface Step extends Decision {
  readonly preempts: boolean;
}

/**
 * The run to a goal with fewest preemptions, among these with fewest steps, and
 * among these the first by the order of columns, step by step. It depends on
 * nothing but the world: whoever asks gets the same.
 *
 * States are met by their distance, preemptions before steps. What is told apart
 * is the state and who moved last, as that decides whether a switch preempts.
 */
export class LeastRun {
  readonly states: StateTable;
  private readonly actors: number;
  private readonly row: Int32Array;
  private readonly preemptions = new IntList();
  private readonly steps = new IntList();
  /** Moves that preempt, for the next round, by the steps of the runs they make. */
  private deferred: number[][] = [];

  constructor(
    private readonly machine: Machine,
    private readonly goal: Goal,
    private readonly maxStates: number,
    /** Preemptions of the runs that are tried. */
    private readonly most = Infinity,
  ) {
    this.actors = machine.initialNodes.length;
    this.states = new StateTable(this.actors + 2);
    this.row = new Int32Array(this.actors + 2);
  }

  /** undefined where there is no such run; 'bound hit' where that is not known. */
  find(): Schedule | undefined | 'bound hit' {
    const { row, machine, actors } = this;
    row[0] = machine.initialMemory;
    row.set(machine.initialNodes, 1);
    row[actors + 1] = LAST;
    this.store(0, 0);
    for (let round = 0, first = [0]; round <= this.most; round++, first = []) {
      const found = this.round(round, first);
      if (found) return found;
      if (this.deferred.length === 0) break;
    }
    return undefined;
  }

  /** All runs with so many preemptions, shortest first. */
  private round(preemptions: number, first: number[]): Schedule | 'bound hit' | undefined {
    const arriving = this.deferred;
    this.deferred = [];
    for (let steps = 0, level = first; level.length > 0 || steps < arriving.length; steps++) {
      const moves = arriving[steps] ?? [];
      for (let i = 0; i < moves.length; i += 3)
        this.take(moves[i]!, moves[i + 1]!, moves[i + 2]!, preemptions, level);
      const goals = level.filter((id) => this.isGoal(id));
      if (goals.length > 0) return this.firstTo(goals);
      const next: number[] = [];
      for (const id of level) this.expand(id, preemptions, next);
      if (this.states.count > this.maxStates) return 'bound hit';
      level = next;
    }
    return undefined;
  }

  private expand(id: number, preemptions: number, next: number[]): void {
    const steps = this.steps.at(id) + 1;
    for (const { actor, option, preempts } of this.stepsFrom(id))
      if (preempts) (this.deferred[steps] ??= []).push(id, actor, option);
      else this.take(id, actor, option, preemptions, next);
  }

  private take(
    from: number,
    actor: number,
    option: number,
    preemptions: number,
    level: number[],
  ): void {
    this.after(from, actor, option);
    const id = this.store(preemptions, this.steps.at(from) + 1);
    if (id >= 0) level.push(id);
  }

  private store(preemptions: number, steps: number): number {
    const id = this.states.add(this.row, hashRow(this.row), -1);
    if (id < 0) return id;
    this.preemptions.push(preemptions);
    this.steps.push(steps);
    return id;
  }

  /** Leaves in `row` what the move leads to. */
  private after(from: number, actor: number, option: number): void {
    const { row, machine } = this;
    this.states.read(from, row);
    const at = machine.look(row[0]!, row[actor + 1]! + option);
    row[0] = machine.moves.memoryAt(at);
    row[actor + 1] = machine.moves.nodeAt(at);
    row[this.actors + 1] = LAST + actor + 1;
  }

  /** In the order of columns. */
  private stepsFrom(id: number): Step[] {
    const { row, machine, actors } = this;
    this.states.read(id, row);
    if (isBroken(machine, row[0]!)) return [];
    const last = row[actors + 1]! - LAST - 1;
    const found: Decision[] = [];
    for (let actor = 0; actor < actors; actor++)
      for (let option = 0; option < machine.options[row[actor + 1]!]!; option++)
        if (machine.moves.memoryAt(machine.look(row[0]!, row[actor + 1]! + option)) !== BLOCKED)
          found.push({ actor, option });
    const goesOn = found.some((d) => d.actor === last);
    return found.map((d) => ({ ...d, preempts: goesOn && d.actor !== last }));
  }

  private isGoal(id: number): boolean {
    const { row, goal, machine, actors } = this;
    this.states.read(id, row);
    const memory = row[0]!;
    if (goal.among === 'all') return goal.holds(memory);
    const isFinal = row.subarray(1, actors + 1).every((node) => machine.isDone(node));
    if (isFinal !== (goal.among === 'final') || isBroken(machine, memory)) return false;
    return this.stepsFrom(id).length === 0 && goal.holds(memory);
  }

  /** Marks what lies on runs that are as good, from their ends, and takes the first of these. */
  private firstTo(goals: readonly number[]): Schedule {
    const ends = new Set(goals);
    const good = new Set(goals);
    for (let id = Math.min(...goals) - 1; id >= 0; id--) if (this.nextGood(id, good)) good.add(id);
    const schedule: Decision[] = [];
    for (let id = 0; !ends.has(id);) {
      const { step, to } = this.nextGood(id, good)!;
      schedule.push({ actor: step.actor, option: step.option });
      id = to;
    }
    return schedule;
  }

  private nextGood(id: number, good: ReadonlySet<number>): { step: Step; to: number } | undefined {
    for (const step of this.stepsFrom(id)) {
      this.after(id, step.actor, step.option);
      const to = this.states.find(this.row, hashRow(this.row));
      if (to < 0) continue;
      const isNearest =
        this.steps.at(to) === this.steps.at(id) + 1 &&
        this.preemptions.at(to) === this.preemptions.at(id) + (step.preempts ? 1 : 0);
      if (isNearest && good.has(to)) return { step, to };
    }
    return undefined;
  }
}
