import type { Stack } from '../core/automaton.js';
import type { FrameState } from '../core/frames.js';
import { WRITE } from '../core/memory.js';
import { Run } from '../core/run.js';
import type { Trace } from '../core/trace.js';

/** What a report needs of a step beyond the trace, found by replaying it. */
export interface Moment {
  /** How many outer frames the actor was in already, in the same invocation. */
  readonly entered: number;
  /** What sort of value the step gives its flow: none, a truth value, an integer. */
  readonly gives: 'nothing' | 'truth' | 'integer';
  /** Does the environment decide what happens? */
  readonly isChoice: boolean;
  /** The sort the model declared for the integer, such as `folio`. */
  readonly sort: string | undefined;
}

/** One moment per step of the trace. */
export function momentsOf(trace: Trace): Moment[] {
  const { machine, decisions } = trace.run;
  const run = new Run(machine);
  const last = new Map<number, FrameState[]>();
  return trace.steps.map((step, i) => {
    const { actor, option } = decisions[i]!;
    const node = machine.node(run.nodes[actor]!);
    const stack = statesOf(node.stack);
    const before = last.get(actor);
    const moment = {
      entered: before ? inCommon(before, stack) : 0,
      gives: given(run, actor, option),
      isChoice: node.step!.options.length > 1,
      sort: node.step!.sort,
    };
    run.take(decisions[i]!);
    if (step.completed.length > 0) last.delete(actor);
    else last.set(actor, stack);
    return moment;
  });
}

function statesOf(stack: Stack | undefined): FrameState[] {
  const states: FrameState[] = [];
  for (let at = stack; at; at = at.below) states.unshift(at.top);
  return states;
}

/**
 * Names and arguments do not tell a function that goes on from one that is
 * called again. Histories do: in the same invocation a frame's history has
 * grown, and those of its callers are untouched. A frame that was restarted
 * (a retry) counts as going on: the reader sees the retry.
 */
function inCommon(before: readonly FrameState[], after: readonly FrameState[]): number {
  let same = 0;
  while (before[same] && before[same] === after[same]) same++;
  const [was, is] = [before[same], after[same]];
  if (!was || !is) return same;
  return descends(is, was) || (!is.parent && is.def.fn === was.def.fn) ? same + 1 : same;
}

function descends(state: FrameState, from: FrameState): boolean {
  let at: FrameState | undefined = state;
  while (at && at !== from) at = at.parent;
  return at !== undefined;
}

/** Observations are integers; only the effect itself knows what it returns. */
function given(run: Run, actor: number, option: number): Moment['gives'] {
  const { machine } = run;
  const { memory } = machine.world;
  const step = machine.node(run.nodes[actor]!).step!;
  const access = memory.access;
  machine.memories.restore(run.memory);
  memory.actor = actor;
  memory.access = WRITE;
  try {
    const value = step.run(option);
    if (value === undefined) return 'nothing';
    return typeof value === 'boolean' ? 'truth' : 'integer';
  } finally {
    memory.access = access;
    machine.forgetLoaded();
  }
}
