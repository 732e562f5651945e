import type { Machine } from '../core/machine.js';
import { Run } from '../core/run.js';
import type { Schedule } from '../core/schedule.js';
import { enabledInTurn } from '../fastcheck/run-schedule.js';
import type { Goal } from '../explore/goal.js';

/** A turn of a column: it runs on up to, without, a step; or as long as it can. */
export interface Block {
  readonly column: string;
  readonly until: Mark | undefined;
}

/** The n-th time that a column is at a step. */
interface Mark {
  readonly step: string;
  readonly nth: number;
}

/** What a step came to that could have come to something else. */
interface Outcome {
  readonly column: string;
  readonly step: string;
  readonly option: string;
}

/**
 * A run told in such a way that a like scenario can have it, too: whose turn it is,
 * up to which step, with which outcomes. Not how many steps that takes.
 */
export interface Told {
  readonly blocks: readonly Block[];
  readonly outcomes: readonly Outcome[];
}

const LONGEST = 5000;

/** Tells a run. */
export function told(machine: Machine, schedule: Schedule): Told {
  const run = new Run(machine);
  const columns = machine.world.actors.map((a) => a.name);
  const counts = columns.map(() => new Map<string, number>());
  const blocks: Block[] = [];
  const outcomes: Outcome[] = [];
  for (const [i, { actor, option }] of schedule.entries()) {
    const column = columns[actor]!;
    const step = stepAt(machine, run.nodes[actor]!)!;
    counts[actor]!.set(step, (counts[actor]!.get(step) ?? 0) + 1);
    if (machine.options[run.nodes[actor]!]! > 1)
      outcomes.push({ column, step, option: optionAt(machine, run.nodes[actor]!, option) });
    run.take({ actor, option });
    if (schedule[i + 1]?.actor === actor) continue;
    const next = stepAt(machine, run.nodes[actor]!);
    const nth = (counts[actor]!.get(next ?? '') ?? 0) + 1;
    blocks.push({ column, until: next === undefined ? undefined : { step: next, nth } });
  }
  return { blocks, outcomes };
}

/** Where a column is, but for numbers: those of pages and frames are others elsewhere. */
function stepAt(machine: Machine, node: number): string | undefined {
  const { step, stack } = machine.node(node);
  return step && `${stack?.top.def.name}: ${step.label}`.replace(/\d+/g, '');
}

const optionAt = (machine: Machine, node: number, option: number): string =>
  machine.node(node).step!.options[option]!.name;

/** The run that is told, in this machine, up to the goal; undefined where it does not come to it. */
export function retold(machine: Machine, goal: Goal, { blocks, outcomes }: Told) {
  const teller = new Teller(machine, goal, outcomes);
  for (const block of blocks) if (teller.turn(block)) return teller.run.decisions;
  return teller.goOn() ? teller.run.decisions : undefined;
}

class Teller {
  readonly run: Run;
  private readonly columns: readonly string[];
  private readonly counts: readonly Map<string, number>[];
  private readonly outcomes: Outcome[];

  constructor(
    private readonly machine: Machine,
    private readonly goal: Goal,
    outcomes: readonly Outcome[],
  ) {
    this.run = new Run(machine);
    this.columns = machine.world.actors.map((a) => a.name);
    this.counts = this.columns.map(() => new Map<string, number>());
    this.outcomes = [...outcomes];
  }

  /** Is the goal met in it? */
  turn({ column, until }: Block): boolean {
    const actor = this.columns.indexOf(column);
    const seen = new Set<string>();
    for (;;) {
      if (isAt(this.goal, this.run)) return true;
      const step = actor < 0 ? undefined : stepAt(this.machine, this.run.nodes[actor]!);
      if (step === undefined) return false;
      const taken = this.counts[actor]!.get(step) ?? 0;
      if (until && until.step === step && until.nth <= taken + 1) return false;
      const state = `${this.run.memory} ${this.run.nodes.join(' ')}`;
      if (seen.has(state) || !this.take(actor)) return false;
      seen.add(state);
    }
  }

  /** Everybody runs on, the first column first, until nobody can. */
  goOn(): boolean {
    for (let before = -1; before < this.run.decisions.length;) {
      before = this.run.decisions.length;
      for (const column of this.columns) if (this.turn({ column, until: undefined })) return true;
    }
    return isAt(this.goal, this.run);
  }

  private take(actor: number): boolean {
    const { run, machine } = this;
    if (run.broken !== undefined || run.decisions.length === LONGEST) return false;
    const open = enabledInTurn(run, actor)[0];
    if (open?.actor !== actor) return false;
    const node = run.nodes[actor]!;
    const step = stepAt(machine, node)!;
    this.counts[actor]!.set(step, (this.counts[actor]!.get(step) ?? 0) + 1);
    run.take({ actor, option: this.optionOf(actor, node, step, open.options) });
    return true;
  }

  /** As it was told, where that can be; else the first. */
  private optionOf(actor: number, node: number, step: string, open: readonly number[]): number {
    const { machine, outcomes } = this;
    if (machine.options[node] === 1) return open[0]!;
    const at = outcomes.findIndex((o) => o.column === this.columns[actor] && o.step === step);
    const [wanted] = at < 0 ? [] : outcomes.splice(at, 1);
    return open.find((option) => optionAt(machine, node, option) === wanted?.option) ?? open[0]!;
  }
}

/** Is a run where a goal shows? */
export function isAt(goal: Goal, run: Run): boolean {
  if (goal.among === 'all') return goal.holds(run.memory);
  if (run.broken !== undefined || run.isFinished !== (goal.among === 'final')) return false;
  return (run.isFinished || run.enabled().length === 0) && goal.holds(run.memory);
}
