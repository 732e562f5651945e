import type { Call } from '../../models/operations.js';
import { cut, type Cut } from './cut.js';
import type { Draft } from './draft.js';

/** Slots and guest_memfds are counted from 0: one that nothing speaks of is none. */
export function ofNumbers(draft: Draft): Cut[] {
  if (draft.words.some((w) => /^(vms=|gmem\[)/.test(w))) return [];
  return [...ofSlots(draft), ...ofFiles(draft)];
}

function ofSlots(draft: Draft): Cut[] {
  const used = new Set(callsOf(draft).flatMap((c) => ('slot' in c ? [c.slot] : [])));
  for (const [, slot] of textOf(draft).matchAll(/\b(?:slot|readonly|as)\[(\d)\](?!=none)/g))
    used.add(Number(slot));
  if (!draft.words.includes('slot[0]=none;')) used.add(0);
  const at = [...used].toSorted().find((slot) => slot > 0 && !used.has(slot - 1));
  if (at === undefined) return [];
  const other = (text: string): string =>
    text.replaceAll(new RegExp(`\\b(slot|readonly|as)\\[${at}\\]`, 'g'), `$1[${at - 1}]`);
  const call = (c: Call): Call => ('slot' in c && c.slot === at ? { ...c, slot: at - 1 } : c);
  const hasInitial = draft.words.some((w) => w.startsWith(`slot[${at}]=`));
  const words = draft.words
    .filter((w) => at > 1 || !hasInitial || w !== 'slot[0]=none;')
    .map(other);
  return [
    cut(`the number of slot ${at}`, {
      ...changed(draft, call),
      words,
      condition: other(draft.condition),
    }),
  ];
}

/** What is in a filemap to begin with is in that of gmem0. */
function ofFiles(draft: Draft): Cut[] {
  const files = Number(/\bgmems=(\d)/.exec(textOf(draft))?.[1] ?? 1);
  const isUsed = (file: number): boolean =>
    callsOf(draft).some((c) => 'file' in c && c.file === file) ||
    draft.words.some(
      (w) => inSlot(file).test(w) || (file === 0 && /^(filemap|rmp|sept)\[/.test(w)),
    );
  const hasSlot = draft.words.some((w) => w.startsWith('slot[0]='));
  if (files !== 2 || !hasSlot || isUsed(0) || draft.condition) return [];
  const words = draft.words
    .filter((w) => !w.startsWith('gmems='))
    .map((w) => w.replace(inSlot(1), '$1, 0, '));
  return [cut('the number of gmem1', { ...changed(draft, ofGmem0), words })];
}

const inSlot = (file: number): RegExp => new RegExp(`^(slot\\[\\d\\]=\\(\\d+, \\d+), ${file}, `);

const ofGmem0 = (c: Call): Call => ('file' in c && c.file === 1 ? ({ ...c, file: 0 } as Call) : c);

const callsOf = ({ columns }: Draft): readonly Call[] => columns.flatMap((c) => c.calls);

const textOf = ({ words, condition }: Draft): string => [...words, condition].join(' ');

const changed = (draft: Draft, call: (c: Call) => Call): Draft => ({
  ...draft,
  columns: draft.columns.map((c) => ({ ...c, calls: c.calls.map(call) })),
});
