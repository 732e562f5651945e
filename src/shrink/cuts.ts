import type { Call } from '../../models/operations.js';
import { callText } from '../../models/operations.js';
import type { Column, Scenario } from '../../models/scenario.js';
import { cut, type Cut } from './cut.js';
import type { Draft } from './draft.js';
import { ofNames, ofThreads } from './names.js';
import { ofNumbers } from './numbers.js';
import { ofHuge, ofPages } from './page-cuts.js';
import { ofVms } from './vms.js';

/** All that can be taken away from a draft, one thing at a time, the largest first. */
export function cutsOf(draft: Draft, scenario: Scenario): Cut[] {
  return [
    ...ofVms(draft),
    ...draft.columns
      .map(({ name }) => cut(`column ${name}`, withoutColumn(draft, name)))
      .toReversed(),
    ...ofOperations(draft),
    ...ofHuge(draft, scenario),
    ...ofPages(draft, scenario),
    ...(draft.condition ? ofEachWord(draft).filter((c) => !isContent(c.what)) : ofWords(draft)),
    ...draft.changes.map((c) =>
      cut(`'${c}'`, { ...draft, changes: draft.changes.filter((other) => other !== c) }),
    ),
    ...ofRanges(draft),
    ...(draft.condition ? [] : ofValues(draft)),
    ...ofThreads(draft),
    ...ofNames(draft),
    ...ofNumbers(draft),
  ];
}

/** What a condition is asked of: without it, it is another question. */
const isContent = (word: string): boolean => /^(vm1:)?(slot|filemap|rmp|attr|sept)\[/.test(word);

/** Nobody waits for who is not there. */
function withoutColumn(draft: Draft, name: string): Draft {
  const columns = draft.columns
    .filter((c) => c.name !== name)
    .map((c) => ({
      ...c,
      calls: c.calls.filter((call) => !('column' in call && call.column === name)),
    }))
    .filter((c) => c.calls.length > 0);
  return { ...draft, columns };
}

function ofOperations(draft: Draft): Cut[] {
  return draft.columns
    .filter((c) => c.calls.length > 1)
    .flatMap(({ name, calls }) =>
      calls.map((call, n) =>
        cut(`operation ${name}:r${n}, ${callText(call)}`, withoutOperation(draft, name, n)),
      ),
    )
    .toReversed();
}

/** Whoever names a later operation of that column means the one before. */
function withoutOperation(draft: Draft, name: string, removed: number): Draft {
  const isAwaited = (call: Call): boolean =>
    call.op === 'after' && call.column === name && call.operation === removed;
  const columns = draft.columns
    .map((c) => ({
      ...c,
      calls: c.calls
        .filter((call, n) => !(c.name === name && n === removed) && !isAwaited(call))
        .map((call) => renumbered(call, name, removed)),
    }))
    .filter((c) => c.calls.length > 0);
  return { ...draft, columns, condition: conditionWithout(draft.condition, name, removed) };
}

function renumbered(call: Call, name: string, removed: number): Call {
  if (call.op !== 'after' || call.column !== name || call.operation < removed) return call;
  return { ...call, operation: call.operation - 1 };
}

/** A condition on an operation that is not there is none that can be read. */
function conditionWithout(condition: string, name: string, removed: number): string {
  const outcome = new RegExp(`(?<![\\w:])(${name}:[a-z]+)(\\d+)\\b`, 'g');
  return condition.replace(outcome, (text, field: string, n: string) => {
    if (Number(n) === removed) return `${field}none`;
    return Number(n) > removed ? `${field}${Number(n) - 1}` : text;
  });
}

/** Slots, pages that are there, attributes, faults, flags: each is a word of its own. */
function ofWords(draft: Draft): Cut[] {
  const hasSlot = !draft.words.some((w) => w.startsWith('slot[0]='));
  const slotless = { ...draft, words: [...draft.words, 'slot[0]=none;'] };
  return [...(hasSlot ? [cut('slot[0]', slotless)] : []), ...ofEachWord(draft)];
}

function ofEachWord(draft: Draft): Cut[] {
  return draft.words.flatMap((word, at) => {
    if (/^(memory|pages|gfns|vms|slot\[0\]=none)\b/.test(word)) return [];
    const [, count] = /^faults=(\d+);$/.exec(word) ?? [];
    const put = (other: string[]): Draft => ({
      ...draft,
      words: draft.words.toSpliced(at, 1, ...other),
    });
    const what = word.replace(/;$/, '');
    const [, filled] = /^(filemap\[\d+\]=)(?:[1-9]\d*|stale);$/.exec(word) ?? [];
    if (filled) return [cut(what, put([])), cut(`the word of ${what}`, put([`${filled}0;`]))];
    if (word.startsWith('slot[0]=')) return [cut(what, put(['slot[0]=none;']))];
    if (Number(count) > 1)
      return [cut('all faults', put([])), cut('a fault', put([`faults=${Number(count) - 1};`]))];
    return [cut(what, put([]))];
  });
}

/** A page less of a range that an operation is given. */
const ofRanges = (draft: Draft): Cut[] =>
  withOther(
    draft,
    shorter,
    (call, n) => `the ${n === 0 ? 'last' : 'first'} page of ${callText(call)}`,
  );

/** A read in place of a write; the plainest word. */
const ofValues = (draft: Draft): Cut[] => [
  ...withOther(draft, reading, (call) => `the write of ${callText(call)}`),
  ...withOther(draft, plainest, (call) => `the value of ${callText(call)}`),
];

/** Each draft in which one operation is another one. */
function withOther(
  draft: Draft,
  others: (call: Call) => readonly Call[],
  what: (call: Call, n: number) => string,
): Cut[] {
  return draft.columns.flatMap((column, at) =>
    column.calls.flatMap((call, n) =>
      others(call).map((other, which) => {
        const calls = column.calls.with(n, other);
        const columns = draft.columns.with(at, { ...column, calls } satisfies Column);
        return cut(what(call, which), { ...draft, columns });
      }),
    ),
  );
}

function reading(call: Call): Call[] {
  if (call.op !== 'write') return [];
  const { value: _, ...rest } = call;
  return [{ ...rest, op: 'read' }];
}

const plainest = (call: Call): Call[] =>
  'value' in call && call.value > 1 ? [{ ...call, value: 1 }] : [];

function shorter(call: Call): Call[] {
  const length = 'npages' in call ? call.npages : 'len' in call ? call.len : 1;
  if (length < 2) return [];
  const less = 'npages' in call ? { npages: length - 1 } : { len: length - 1 };
  const first =
    'gfn' in call ? { gfn: call.gfn + 1 } : 'offset' in call ? { offset: call.offset + 1 } : {};
  const pgoff = 'pgoff' in call ? { pgoff: call.pgoff + 1 } : {};
  return [{ ...call, ...less } as Call, { ...call, ...less, ...first, ...pgoff } as Call];
}
