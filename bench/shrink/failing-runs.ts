import { BLOCKED } from '../../src/core/machine.js';
import { Run } from '../../src/core/run.js';
import type { Decision, Schedule } from '../../src/core/schedule.js';
import { isBroken } from '../../src/explore/goal.js';
import { IntList } from '../../src/explore/ints.js';
import { Integers } from '../../src/explore/sampling/integers.js';
import { hashRow, StateTable } from '../../src/explore/states.js';
import type { Ready } from '../../src/shrink/asked.js';
import { isAt } from '../../src/shrink/blocks.js';
import { reachedFrom, type Edges, type Reached } from './count-runs.js';

/**
 * The runs of a test that break its property, to be drawn from: each step is drawn
 * among those after which it can still break. So every such run can be drawn, and no
 * other one is, however seldom a plain random walk would meet one.
 */
export class FailingRuns {
  /** States from which the goal can be reached, and all others. */
  private readonly states: StateTable;
  private readonly reached: Reached;
  private readonly row: Int32Array;

  /** @throws where there are more states than that */
  constructor(
    private readonly at: Pick<Ready, 'machine' | 'goal'>,
    maxStates: number,
  ) {
    this.row = new Int32Array(at.machine.initialNodes.length + 1);
    this.states = new StateTable(this.row.length);
    this.reached = this.explore(maxStates);
  }

  /** How many there are; infinite where some go round in circles. */
  get count(): number {
    return this.reached.runs;
  }

  /** Number so many of a seed; undefined where no run breaks it, or this one takes too long. */
  draw(seed: number, number: number, maxSteps: number): Schedule | undefined {
    const { machine, goal } = this.at;
    const random = new Integers(seed, number);
    const run = new Run(machine);
    while (!isAt(goal, run)) {
      const open = run.enabled().filter((decision) => this.mayBreak(run, decision));
      if (open.length === 0 || run.decisions.length === maxSteps) return undefined;
      run.take(open[random.below(open.length)]!);
    }
    return run.decisions;
  }

  private mayBreak(run: Run, { actor, option }: Decision): boolean {
    const { row } = this;
    row[0] = run.memory;
    row.set(run.nodes, 1);
    this.move(actor, option);
    const id = this.states.find(row, hashRow(row));
    return id >= 0 && this.reached.canReach[id] === 1;
  }

  /** Leaves in `row` what a move leads to; false where it is not enabled. */
  private move(actor: number, option: number): boolean {
    const { machine } = this.at;
    const at = machine.look(this.row[0]!, this.row[actor + 1]! + option);
    const memory = machine.moves.memoryAt(at);
    if (memory === BLOCKED) return false;
    this.row[0] = memory;
    this.row[actor + 1] = machine.moves.nodeAt(at);
    return true;
  }

  /** All states, then backwards from the goals. */
  private explore(maxStates: number): Reached {
    const { states, row } = this;
    const { machine } = this.at;
    const edges = { from: new IntList(), to: new IntList() };
    const goals: number[] = [];
    row[0] = machine.initialMemory;
    row.set(machine.initialNodes, 1);
    states.add(row, hashRow(row), -1);
    for (let id = 0; id < states.count; id++) {
      if (states.count > maxStates) throw new Error(`more than ${maxStates} states`);
      states.read(id, row);
      if (this.expand(id, edges)) goals.push(id);
    }
    return reachedFrom(states.count, edges, goals);
  }

  /** @returns whether it is a goal: no run goes on from there */
  private expand(id: number, { from, to }: Edges): boolean {
    const { states, row } = this;
    const { machine, goal } = this.at;
    const memory = row[0]!;
    if (goal.among === 'all' && goal.holds(memory)) return true;
    if (isBroken(machine, memory)) return false;
    let [enabled, running] = [0, 0];
    for (let actor = 0; actor < row.length - 1; actor++) {
      const count = machine.options[row[actor + 1]!]!;
      if (count > 0) running++;
      for (let option = 0; option < count; option++) {
        if (!this.move(actor, option)) continue;
        enabled++;
        const added = states.add(row, hashRow(row), id);
        from.push(id);
        to.push(added < 0 ? ~added : added);
        states.read(id, row);
      }
    }
    const end = running > 0 ? 'stuck' : 'final';
    return enabled === 0 && goal.among === end && goal.holds(memory);
  }
}
