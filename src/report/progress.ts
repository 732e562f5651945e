import type { Automaton, LocalNode } from '../core/automaton.js';
import { Run } from '../core/run.js';
import type { Trace } from '../core/trace.js';
import type { Lasso } from '../explore/progress/lasso.js';
import { entries, holderLines, holdersOf, waitLines } from './holders.js';
import { wrap } from './wrap.js';

const LOOP_BEGINS = 'loop begins';

/** What stands in the diagram before certain steps. */
export function notesOf({ stem, loop, doomedAfter }: Lasso): Map<number, string[]> {
  const notes = new Map<number, string[]>();
  const add = (step: number, note: string): void =>
    void notes.set(step, [...(notes.get(step) ?? []), note]);
  if (doomedAfter !== undefined) add(doomedAfter, 'doomed from here');
  if (loop.length > 0) add(stem.length, LOOP_BEGINS);
  return notes;
}

/** What stands below the last step. */
export function footOf(lasso: Lasso): string[] {
  if (lasso.loop.length > 0) return [`  ... and so on from '${LOOP_BEGINS}'`];
  return (notesOf(lasso).get(lasso.stem.length) ?? []).map((note) => `  ${note}`);
}

/** The paragraph that explains why a run need not end: who retries, who waits for what. */
export function renderProgress(trace: Trace, lasso: Lasso, names: readonly string[]): string[] {
  const retries = retriesOf(trace, lasso.stem.length);
  return [
    ...wrap(`BUG: ${lasso.kind}: ${whatIsWrong(lasso)}`),
    ...holdersOf(trace.run).flatMap((holder) => {
      const loops = retries.get(holder.actor);
      const does = loops ? entries('retries', loops) : waitLines(holder, names);
      return holderLines(holder, names, does);
    }),
  ];
}

function whatIsWrong({ kind, loop, doomedAfter }: Lasso): string {
  if (kind === 'livelock')
    return (
      'the loop may go on for ever under a fair scheduler. No operation completes in it; ' +
      'everybody moves who could always move, and nobody waits for a lock that is ever free.'
    );
  const since = doomedAfter === 0 ? 'from the beginning' : `after step ${doomedAfter}`;
  const ends = loop.length > 0 ? 'may go on for ever in the loop' : 'stops here';
  return (
    `${since} no schedule without further faults or signals lets everybody finish. ` +
    `The run ${ends}.`
  );
}

/** Functions that each actor begins again in the loop, in order. */
function retriesOf(trace: Trace, loopFrom: number): Map<number, string[]> {
  const { machine, decisions } = trace.run;
  const run = new Run(machine);
  const retries = new Map<number, string[]>();
  decisions.forEach((decision, i) => {
    const { actor } = decision;
    const node = machine.node(run.nodes[actor]!);
    run.take(decision);
    const step = trace.steps[i]!;
    if (i < loopFrom || !step.retried) return;
    const name = `${restarted(machine.automaton, node, step.observed)}()`;
    const known = retries.get(actor) ?? [];
    if (!known.includes(name)) retries.set(actor, [...known, name]);
  });
  return retries;
}

/** The function that a step makes begin again: this one, or one that called it. */
function restarted({ frames }: Automaton, { stack }: LocalNode, observed: number): string {
  let state = frames.child(stack!.top, observed);
  const callers = [];
  for (let at = stack!.below; at; at = at.below) callers.unshift(at.top);
  for (;;) {
    const { pending } = state;
    if (pending.kind === 'call') {
      callers.push(state);
      state = frames.root(frames.def(pending.name, pending.fn, pending.args));
    } else if (pending.kind === 'return' && callers.length > 0)
      state = frames.child(callers.pop()!, pending.value);
    else return state.def.name;
  }
}
