import type { Scenario } from '../../models/scenario.js';
import type { LitmusTest } from '../../models/language/index.js';
import { committedTests } from '../check/tests.js';
import type { Example } from './examples.js';

/** Committed tests that say that a protocol breaks something, as examples. */
export function committedExamples(protocol: string): Example[] {
  return testsAsPosted().flatMap((test) =>
    test.expectations
      .filter((e) => e.property && e.protocols.some((p) => p.text === protocol))
      .map((e) => ({ name: test.name, property: e.property!.text, test })),
  );
}

/** Those of the code as it is: what a test breaks by changing it says nothing of it. */
export const testsAsPosted = (): LitmusTest[] =>
  committedTests().filter(({ scenario }) => !scenario.changes?.length && !scenario.without);

/** Is all that a small scenario does among what a large one does, thread by thread? */
export function isWithin(small: Scenario, large: Scenario): boolean {
  const isOneMemory = small.memory === large.memory;
  return isOneMemory && match(columnsOf(small), columnsOf(large));
}

const columnsOf = ({ columns }: Scenario): string[][] =>
  columns.map((c) => c.calls.map((call) => ('mode' in call ? `${call.op} ${call.mode}` : call.op)));

/** To each of the first another one of the second that does all of it in that order. */
function match(small: readonly string[][], large: readonly string[][]): boolean {
  const [first, ...rest] = small;
  if (!first) return true;
  return large.some(
    (other, i) => isSubsequence(first, other) && match(rest, large.toSpliced(i, 1)),
  );
}

/** A guest's write does what its read does. */
const isSame = (a: string, b: string): boolean => a === b || (a === 'read' && b === 'write');

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let met = 0;
  for (const op of all) if (met < some.length && isSame(some[met]!, op)) met++;
  return met === some.length;
}

/** Is all of a small scenario in another one: what is done, and what it is done in? */
export const isLike = (least: Scenario, s: Scenario): boolean =>
  isWithin(least, s) && hasWorldOf(least, s);

/** Has a scenario all that another one has in its world, besides what is done there? */
function hasWorldOf(least: Scenario, s: Scenario): boolean {
  return (
    WORLD.every((part) => !least[part] || s[part]) &&
    (least.flags === 'none' || s.flags !== 'none') &&
    least.faults <= s.faults &&
    (least.initial.launched ||
      !s.initial.launched ||
      s.columns.some((c) => c.calls.some((call) => call.op === 'KVM_TDX_FINALIZE_VM')))
  );
}

const WORLD = [
  ...(['huge', 'tlb', 'vms', 'speculative', 'lruBatch', 'dynamicPamt', 'cowSource'] as const),
  ...(['seamcallFails', 'rmpupdateFails', 'psmashFails'] as const),
  ...(['modes', 'smmSlots', 'shadowPaging', 'defaultVm', 'fileFlags'] as const),
];
