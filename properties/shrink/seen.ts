import type { TraceStep } from '../../src/core/trace.js';
import type { Needed } from '../../src/shrink/why.js';

/** Is one step of an order seen in a run, and later the other one? */
export function isSeen(
  { before, after }: Pick<Needed, 'before' | 'after'>,
  steps: readonly TraceStep[],
  columns: readonly string[],
): boolean {
  const is = (s: TraceStep, name: Needed['before']): boolean =>
    columns[s.actor] === name.column && s.frames.at(-1)?.name === name.fn && s.label === name.label;
  const first = steps.findIndex((s) => is(s, before));
  return first >= 0 && steps.slice(first + 1).some((s) => is(s, after));
}
