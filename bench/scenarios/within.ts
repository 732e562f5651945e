import { isDeepStrictEqual } from 'node:util';
import type { Call } from '../../models/operations.js';
import type { Column, Scenario } from '../../models/scenario.js';

/** Where a scenario does what a smaller one does: its columns and operations, by number. */
export interface Within {
  /** Per column of the smaller one that does anything. */
  readonly column: ReadonlyMap<number, number>;
  /** Per such column, per operation. */
  readonly operation: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

/**
 * One after the other; the order of columns, of both, decides which comes first.
 * @param isSame whether a call of the larger one counts as one of the smaller one
 */
export function* within(
  small: Scenario,
  large: Scenario,
  isSame: (a: Call, b: Call) => boolean = isSameOperation,
): Generator<Within> {
  if (small.memory !== large.memory) return;
  const columns = small.columns.map(doneIn);
  const others = large.columns.map(doneIn);
  const needed = columns.flatMap((_, i) => (columns[i]!.length > 0 ? [i] : []));
  yield* placed(needed, []);

  function* placed(left: readonly number[], taken: readonly Placed[]): Generator<Within> {
    const [first, ...rest] = left;
    if (first === undefined) return yield asWithin(taken);
    for (const [to, other] of others.entries())
      if (taken.every((t) => t.to !== to))
        for (const operation of subsequences(columns[first]!, other, isSame))
          yield* placed(rest, [...taken, { from: first, to, operation }]);
  }
}

interface Placed {
  readonly from: number;
  readonly to: number;
  readonly operation: ReadonlyMap<number, number>;
}

const asWithin = (taken: readonly Placed[]): Within => ({
  column: new Map(taken.map((t) => [t.from, t.to])),
  operation: new Map(taken.map((t) => [t.from, t.operation])),
});

/** What a column does, without what it waits for, with the numbers of its operations. */
interface Done {
  readonly call: Call;
  readonly at: number;
}
const doneIn = ({ calls }: Column): Done[] =>
  calls.flatMap((call, at) => (call.op === 'after' ? [] : [{ call, at }]));

/** A guest's write does what its read does. */
function isSameOperation(a: Call, b: Call): boolean {
  if ('mode' in a) return 'mode' in b && a.mode === b.mode;
  return a.op === b.op || (a.op === 'read' && b.op === 'write');
}

/** With the same arguments, but for the words that are written and who writes them. */
export const isSameCall = (a: Call, b: Call): boolean => isDeepStrictEqual(plain(a), plain(b));

const plain = (call: Call) => ({ ...call, value: 0, vcpu: 0 });

function* subsequences(
  some: readonly Done[],
  all: readonly Done[],
  isSame: (a: Call, b: Call) => boolean,
): Generator<Map<number, number>> {
  const [first, ...rest] = some;
  if (!first) return yield new Map();
  for (const [i, found] of all.entries())
    if (isSame(first.call, found.call))
      for (const more of subsequences(rest, all.slice(i + 1), isSame))
        yield new Map([[first.at, found.at], ...more]);
}
