import type { Call } from '../operations.js';
import type { Column } from '../scenario.js';
import type { Actions, World } from './actions.js';
import { callOf, type Place } from './calls.js';
import type { Raw, RawColumn } from './raw.js';
import { columnOfOther } from './vms.js';

/** A call and the one that it waits for, each by its column and its number there. */
interface Wait {
  readonly by: Position;
  readonly on: Position;
}
interface Position {
  readonly column: number;
  readonly operation: number;
}

/** The columns that were drawn, named as people name them, with what they wait for. */
export function columnsOf(
  raw: Raw,
  actions: Actions,
  world: World,
  place: Omit<Place, 'vcpu' | 'target'>,
): Column[] {
  const names = namesOf(raw);
  const drawn = shortened(raw.columns, raw.more);
  const waits = waitsOf(drawn);
  return drawn.map(({ isVcpu, calls }, column) => {
    const { isOther, name, number } = names[column]!;
    const own = calls.flatMap((_, operation): Call[] => {
      // What a call repeats may be a repetition, too.
      const what = calls.slice(0, operation + 1).findLast((c, i) => i === 0 || !c.isAgain)!;
      const wait = waits.find((w) => w.by.column === column && w.by.operation === operation);
      const on = wait && waitFor(wait.on, names, waits);
      const n = actions.in(raw.theme, what.action, isVcpu);
      const action = actions.at(n, isVcpu, world);
      const target = names[(column + 1) % names.length]!.fullName;
      return [...(on ? [on] : []), callOf(action, what, { ...place, vcpu: number, target })];
    });
    return isOther ? columnOfOther({ name, calls: own }) : { name, calls: own };
  });
}

/** The longest lose their last calls, until there are so many beyond one each. */
function shortened(columns: readonly RawColumn[], more: number): readonly RawColumn[] {
  const lengths = columns.map((c) => c.calls.length);
  // One thread alone has no states to speak of.
  const most = columns.length + (columns.length === 1 ? 2 : more);
  while (lengths.reduce((sum, n) => sum + n, 0) > most)
    lengths[lengths.indexOf(Math.max(...lengths))]!--;
  return columns.map(({ isVcpu, calls }, i) => ({ isVcpu, calls: calls.slice(0, lengths[i]) }));
}

interface Name {
  readonly isOther: boolean;
  readonly name: string;
  readonly fullName: string;
  /** Among the columns of its kind and VM. */
  readonly number: number;
}

function namesOf({ columns, hasOther, inOther }: Raw): Name[] {
  const counts = { 'vm0:vcpu': 0, 'vm0:host': 0, 'vm1:vcpu': 0, 'vm1:host': 0 };
  return columns.map(({ isVcpu }, i) => {
    const isOther = hasOther && inOther[i] === true;
    const kind = isVcpu ? 'vcpu' : 'host';
    const number = counts[`vm${isOther ? 1 : 0}:${kind}`]++;
    const name = isVcpu || number > 0 ? `${kind}${number}` : kind;
    return { isOther, name, fullName: isOther ? `vm1:${name}` : name, number };
  });
}

/** Those that can be had at once: whoever waits in a circle waits for ever, and says nothing. */
function waitsOf(columns: readonly RawColumn[]): Wait[] {
  const waits: Wait[] = [];
  columns.forEach(({ calls }, column) =>
    calls.forEach(({ after }, operation) => {
      if (!after || columns.length === 1) return;
      const other = (column + 1 + (after.column % (columns.length - 1))) % columns.length;
      const on = { column: other, operation: after.operation % columns[other]!.calls.length };
      const by = { column, operation };
      if (!isBehind(on, by, waits)) waits.push({ by, on });
    }),
  );
  return waits;
}

/** Does a call come only when another has returned, or is it that one? */
function isBehind(late: Position, early: Position, waits: readonly Wait[]): boolean {
  if (late.column === early.column && late.operation >= early.operation) return true;
  return waits.some(
    ({ by, on }) =>
      by.column === late.column && by.operation <= late.operation && isBehind(on, early, waits),
  );
}

/** What is waited for counts with the waits before it. */
function waitFor(on: Position, names: readonly Name[], waits: readonly Wait[]): Call {
  const before = waits.filter(
    ({ by }) => by.column === on.column && by.operation <= on.operation,
  ).length;
  return { op: 'after', column: names[on.column]!.fullName, operation: on.operation + before };
}
