import type { Call } from '../../models/operations.js';
import { callText } from '../../models/operations.js';
import type { Column, Scenario } from '../../models/scenario.js';
import { withoutPages } from './pages.js';
import type { Draft } from './draft.js';

/** A draft with one thing less. It may be no test at all. */
export interface Cut {
  /** What is taken away. */
  readonly what: string;
  readonly draft: Draft;
}

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
  ];
}

const cut = (what: string, draft: Draft): Cut => ({ what, draft });

/** What a condition is asked of: without it, it is another question. */
const isContent = (word: string): boolean => /^(vm1:)?(slot|filemap|rmp|attr|sept)\[/.test(word);

function ofVms(draft: Draft): Cut[] {
  if (!draft.words.some((w) => w.startsWith('vms='))) return [];
  const words = draft.words
    .filter((w) => !/^(vms=|asid=|vm1:)/.test(w))
    .map((w) => (w.startsWith('gmems=') ? 'gmems=1;' : w));
  const columns = draft.columns.filter((c) => !c.name.startsWith('vm1:'));
  return [cut('the second VM', { ...draft, words, columns })];
}

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

/** Where pages are huge they go as a whole, as does what a leaf maps. */
function ofPages(draft: Draft, { pages, gfns, huge }: Scenario): Cut[] {
  const { folio, leaf } = huge ?? { folio: 1, leaf: 1 };
  const without = (of: 'both' | 'pages' | 'gfns', end: number, size: number): Cut[] =>
    firsts(end, size).flatMap((first) => {
      const smaller = withoutPages(draft, { pages, gfns }, { first, size, of });
      return smaller
        ? [cut(NAMED[of].map((one) => some(one, first, size)).join(' and '), smaller)]
        : [];
    });
  return [
    ...without('both', Math.min(pages, gfns), folio),
    ...without('pages', pages, folio),
    ...(leaf > 1 ? without('gfns', gfns, leaf) : []),
    ...without('gfns', gfns, 1),
  ];
}

const NAMED = { both: ['page', 'gfn'], pages: ['page'], gfns: ['gfn'] } as const;

/** Where whole runs of so many begin, the last one first. */
const firsts = (end: number, size: number): number[] =>
  Array.from({ length: Math.floor(end / size) }, (_, i) => i * size).toReversed();

const some = (what: string, first: number, size: number): string =>
  size === 1 ? `${what} ${first}` : `${what}s ${first} to ${first + size - 1}`;

/** Huge pages at all, and those that are larger than a leaf. */
function ofHuge(draft: Draft, { huge, pages, gfns }: Scenario): Cut[] {
  if (!huge) return [];
  const small = withoutWords(draft, /^(huge|folio)=/);
  const words = small.words.map((w) => w.replace(/=\((\w+), 2M\);$/, '=$1;'));
  const columns = small.columns.map((c) => ({ ...c, calls: c.calls.map(inSmall) }));
  const cuts = [cut('huge pages', { ...small, words, columns })];
  const { leaf, folio } = huge;
  const rest = { first: leaf, size: pages - leaf, of: 'both' } as const;
  const smaller = withoutPages(withoutWords(draft, /^folio=/), { pages, gfns }, rest);
  if (smaller && folio > leaf) cuts.push(cut(`folio=${folio}`, smaller));
  return cuts;
}

const withoutWords = (draft: Draft, some: RegExp): Draft => ({
  ...draft,
  words: draft.words.filter((w) => !some.test(w)),
});

function inSmall(call: Call): Call {
  if (call.op !== 'accept') return call;
  const { level: _, ...rest } = call;
  return rest;
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

/** A vCPU that does nothing is a thread of the VMM; of these, too, none has a number for nothing. */
function ofThreads(draft: Draft): Cut[] {
  return draft.columns.flatMap(({ name, calls }) => {
    const [, vm = '', kind] = /^(vm\d:)?(vcpu|host)\d$/.exec(name) ?? [];
    if (!kind || calls.some((call) => 'vcpu' in call)) return [];
    const names = ['host', 'host1', 'host2', 'host3'].map((host) => `${vm}${host}`);
    const free = names.find((host) => draft.columns.every((c) => c.name !== host));
    if (!free || (kind === 'host' && free > name)) return [];
    const what = kind === 'host' ? 'number' : 'vCPU';
    return [cut(`the ${what} of ${name}`, behind(draft, name, free))];
  });
}

/** The column under another name, behind the others. */
function behind(draft: Draft, from: string, to: string): Draft {
  const { columns, ...rest } = renamed(draft, from, to, 0);
  const isMoved = ({ name }: Column): boolean => name === to;
  return { ...rest, columns: [...columns.filter((c) => !isMoved(c)), ...columns.filter(isMoved)] };
}

/** vCPUs are counted from 0: one that nobody runs is none. */
function ofNames(draft: Draft): Cut[] {
  return draft.columns.flatMap(({ name }) => {
    const [, vm = '', number] = /^(vm\d:)?vcpu(\d)$/.exec(name) ?? [];
    const before = Number(number) - 1;
    const other = `${vm}vcpu${before}`;
    if (!(before >= 0) || draft.columns.some((c) => c.name === other)) return [];
    return [cut(`the number of ${name}`, renamed(draft, name, other, before))];
  });
}

function renamed(draft: Draft, from: string, to: string, number: number): Draft {
  const word = new RegExp(`(?<![\\w:])${from}(?=[:@])`, 'g');
  const call = (c: Call): Call => ('column' in c && c.column === from ? { ...c, column: to } : c);
  return {
    ...draft,
    columns: draft.columns.map((c) => ({
      name: c.name === from ? to : c.name,
      calls: c.calls
        .map(call)
        .map((each) => (c.name === from && 'vcpu' in each ? { ...each, vcpu: number } : each)),
    })),
    condition: draft.condition.replace(word, to),
    words: draft.words.map((w) =>
      w.replace(
        `${from.replace(/vcpu(\d)$/, 'vcpu[$1]')}=`,
        `${to.replace(/vcpu(\d)$/, 'vcpu[$1]')}=`,
      ),
    ),
  };
}
